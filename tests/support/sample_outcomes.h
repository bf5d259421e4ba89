#pragma once

// Outcomes of runs that never ran, for tests of what compares them.

#include "core/jobs/compare.h"

#include <map>
#include <string>
#include <utility>

namespace dskd::test
{

inline jobs::RunOutcome outcome(const std::string& name, const std::string& student, const std::string& objective,
                                std::map<std::string, double> values, jobs::Status status = jobs::Status::Done)
{
    jobs::RunOutcome made{name, name, 10, status, std::move(values), {}, {}, {}};
    made.experiment.method.objective = objective == "sft" ? config::Objective::Sft : config::Objective::Kd;
    made.experiment.method.space = name == "student" ? config::Space::Student : config::Space::Dual;
    made.experiment.student.model = student;
    made.experiment.data.validation = "/v.jsonl";
    return made;
}

inline std::map<std::string, double> values(double loss, double rouge, double lastLoss)
{
    return {{"validation.loss.best", loss}, {"validation.rouge_l.best", rouge}, {"loss.last", lastLoss}};
}

// Two students with vocabularies of their own. The losses of the second are lower, which says nothing.
inline jobs::Comparison twoStudents()
{
    return jobs::compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.20, 2.0)),
                                  outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.30, 5.0)),
                                  outcome("student", "/m/gpt2", "kd", values(2.75, 0.25, 4.0)),
                                  outcome("SFT Llama", "/m/llama", "sft", values(1.5, 0.35, 1.0)),
                                  outcome("CMA", "/m/llama", "kd", values(1.25, 0.40, 6.0))});
}

} // namespace dskd::test
