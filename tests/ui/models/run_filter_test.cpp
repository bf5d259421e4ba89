#include "ui/models/run_filter.h"

#include "tests/ui/models/run_tree_fixture.h"

#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;

TEST_F(RunTree, FilterFindsExperimentsAndTags)
{
    ExperimentRecord tagged = experiment(2, "dual space");
    tagged.row.tags = {"paper"};
    RunRecord ownTag = runOf(1, "a");
    ownTag.row.tags = {"odd"};
    model.setRuns({ownTag, runOf(1, "b"), runOf(2, "c")}, {experiment(1, "sft"), tagged, experiment(3, "empty")});
    RunFilter filter;
    filter.setSourceModel(&model);
    const auto left = [&] {
        std::vector<std::string> ids;
        for (int row = 0; row < filter.rowCount(); ++row) {
            for (int child = 0; child < filter.rowCount(filter.index(row, 0)); ++child) {
                ids.push_back(filter.index(child, 0, filter.index(row, 0))
                                  .data(RunTreeModel::RunIdRole)
                                  .toString()
                                  .toStdString());
            }
        }
        return ids;
    };
    EXPECT_FALSE(filter.active());
    EXPECT_EQ(left().size(), 3U);
    filter.setText("experiment:dual");
    EXPECT_TRUE(filter.active());
    EXPECT_THAT(left(), ElementsAre("c"));
    filter.setText("tag:paper");
    EXPECT_THAT(left(), ElementsAre("c"));
    filter.setText("tag:odd");
    EXPECT_THAT(left(), ElementsAre("a"));
    filter.setText("experiment:empty");
    EXPECT_EQ(filter.rowCount(), 1) << "an experiment without runs is found by its own name";
    EXPECT_TRUE(left().empty());
}

TEST_F(RunTree, FilterLooksInOneFieldOrInAll)
{
    model.setRuns({run("a", "g"), run("b", "g", jobs::Status::Failed)});
    RunFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester filterTester(&filter);
    const auto left = [&] { return filter.rowCount() == 0 ? 0 : filter.rowCount(filter.index(0, 0)); };
    for (const auto& [words, count] : {std::pair("", 2),
                                       {"method:dskd-student", 1},
                                       {"status:failed", 1},
                                       {"name", 2},
                                       {"status:done method:dskd-student", 0},
                                       {"seed:10 b", 1}}) {
        filter.setText(words);
        EXPECT_EQ(left(), count) << words;
    }
}

} // namespace
} // namespace dskd::ui
