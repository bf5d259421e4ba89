#pragma once

// Runs and experiments as the list of runs is given them.

#include "ui/models/run_tree_model.h"

#include <QAbstractItemModelTester>
#include <gtest/gtest.h>

namespace dskd::ui
{

class RunTree : public testing::Test
{
protected:
    static RunRecord run(const std::string& id, const std::string& group, jobs::Status status = jobs::Status::Done,
                         double loss = 1.0)
    {
        RunRecord record;
        record.row.id = id;
        record.row.name = id + " name";
        record.row.group = group;
        record.row.job = "train";
        record.row.method = id == "a" ? "dskd" : "dskd-student";
        record.row.methodLabel = record.row.method + " rkl";
        record.row.seed = 10;
        record.status.status = status;
        record.status.step = 5;
        record.status.totalSteps = 10;
        record.latest["loss"] = loss;
        return record;
    }

    static RunRecord runOf(std::int64_t experiment, const std::string& id, jobs::Status status = jobs::Status::Done)
    {
        RunRecord record = run(id, "g" + std::to_string(experiment), status);
        record.row.experiment = experiment;
        record.row.revision = 1;
        return record;
    }

    // `progress`: none: its runs are not counted yet
    static ExperimentRecord experiment(std::int64_t id, const std::string& name,
                                       std::optional<jobs::PlanProgress> progress = std::nullopt)
    {
        ExperimentRecord record;
        record.row.id = id;
        record.row.name = name;
        record.row.revision = 1;
        record.progress = progress;
        return record;
    }

    [[nodiscard]] std::string text(const std::string& id, int column) const
    {
        return model.indexOf(id).siblingAtColumn(column).data().toString().toStdString();
    }

    RunTreeModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
};

} // namespace dskd::ui
