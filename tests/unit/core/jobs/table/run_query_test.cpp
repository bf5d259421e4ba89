#include "core/jobs/table/run_query.h"

#include "tests/unit/core/jobs/table/table_runs.h"

#include <ctime>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::jobs
{
namespace
{

using test::made;
using test::MadeRun;

const std::vector<RunColumn>& columns()
{
    static const std::vector<RunColumn> all = runColumns({"of_a_later_version"});
    return all;
}

// A run of everything that the tests ask for.
MadeRun sample()
{
    MadeRun run = made("Dual KL", 10, {{"validation.rouge_l", 0.25}, {"loss", 2.5}, {"of_a_later_version", 7.0}},
                       Status::OutOfMemory);
    run.row.id = "20261130-101500-dskd-s10";
    run.row.group = "trial";
    run.row.note = "too large a batch";
    run.row.tags = {"lr sweep", "paper"};
    run.row.student = "/models/gpt2";
    std::tm day{};
    day.tm_year = 2026 - 1900;
    day.tm_mon = 10;
    day.tm_mday = 30;
    day.tm_hour = 10;
    day.tm_isdst = -1;
    run.row.created = static_cast<double>(std::mktime(&day));
    run.started = 1000.0;
    run.ended = 1300.0; // 5 minutes
    run.experiment = "ablation";
    run.config = {{"train.lr", "0.0005"}, {"projector.lr", "0.1"}, {"method.space", "dual"}};
    return run;
}

bool meets(const std::string& query)
{
    const MadeRun run = sample();
    const auto parsed = RunQuery::parse(query, columns());
    EXPECT_TRUE(parsed) << query << ": " << (parsed ? "" : parsed.failure().text());
    return parsed && parsed->matches(run.view());
}

TEST(RunQuery, OfNothingMatchesEveryRun)
{
    EXPECT_TRUE(meets(""));
    EXPECT_TRUE(meets("   "));
}

TEST(RunQuery, LooksForWordsWhereTheListOfRunsDoesToo)
{
    for (const char* word : {"dual", "KL", "20261130", "trial", "memory", "dskd", "10", "batch", "ablation", "paper"}) {
        EXPECT_TRUE(meets(word)) << word;
    }
    EXPECT_FALSE(meets("sft"));
    EXPECT_FALSE(meets("gpt2")) << "a folder is no word of the list";
    EXPECT_TRUE(meets("dual trial")) << "every word";
    EXPECT_FALSE(meets("dual sft"));
    EXPECT_TRUE(meets("\"dual kl\""));
    EXPECT_FALSE(meets("\"kl dual\""));
}

TEST(RunQuery, LooksInOneColumn)
{
    EXPECT_TRUE(meets("name:dual"));
    EXPECT_FALSE(meets("group:dual"));
    EXPECT_TRUE(meets("status:out"));
    EXPECT_TRUE(meets("status=out-of-memory"));
    EXPECT_TRUE(meets("status=\"out of memory\""));
    EXPECT_TRUE(meets("note:\"too large\""));
    EXPECT_TRUE(meets("experiment=ablation"));
    EXPECT_FALSE(meets("experiment=abl"));
    EXPECT_TRUE(meets("student=gpt2")) << "of a folder its last part";
    EXPECT_TRUE(meets("student=/models/gpt2"));
    EXPECT_TRUE(meets("seed:1")) << "contains, as in the list of runs";
    EXPECT_FALSE(meets("seed=1"));
}

TEST(RunQuery, KnowsTagsOneByOne)
{
    EXPECT_TRUE(meets("tag:paper"));
    EXPECT_TRUE(meets("tag=paper"));
    EXPECT_TRUE(meets("tags=\"LR sweep\""));
    EXPECT_FALSE(meets("tag=pap"));
    EXPECT_FALSE(meets("tag!=paper"));
    EXPECT_TRUE(meets("tag!=draft"));
}

TEST(RunQuery, ComparesNumbers)
{
    EXPECT_TRUE(meets("lr<1e-3")) << "of training, where several fields end so";
    EXPECT_FALSE(meets("projector.lr<1e-3"));
    EXPECT_TRUE(meets("lr=5e-4"));
    EXPECT_TRUE(meets("lr>=0.0005 lr<=0.0005"));
    EXPECT_FALSE(meets("lr>0.0005"));
    EXPECT_TRUE(meets("seed=10"));
    EXPECT_TRUE(meets("seed!=20"));
    EXPECT_TRUE(meets("loss>2 loss<3"));
    EXPECT_TRUE(meets("of_a_later_version=7"));
    EXPECT_TRUE(meets("space=dual"));
}

TEST(RunQuery, TakesSharesInPercentToo)
{
    EXPECT_TRUE(meets("rouge_l>0.2"));
    EXPECT_TRUE(meets("rouge_l>20"));
    EXPECT_FALSE(meets("rouge_l>30"));
    EXPECT_TRUE(meets("rouge_l<30%"));
    EXPECT_FALSE(meets("rouge_l<0.5%"));
    EXPECT_FALSE(meets("\"rouge_l>20\"")) << "a text in quotation marks is no condition";
    EXPECT_FALSE(meets("loss>250%")) << "250 % is 2.5 of what is no share too";
    EXPECT_TRUE(meets("loss>=250%"));
}

TEST(RunQuery, ComparesTimes)
{
    EXPECT_TRUE(meets("created=2026-11-30"));
    EXPECT_FALSE(meets("created=2026-11-29"));
    EXPECT_TRUE(meets("created>2026-11-30"));
    EXPECT_TRUE(meets("created<2026-11-30T12:00"));
    EXPECT_TRUE(meets("time=5m time>299 time<1h"));
}

TEST(RunQuery, TurnsAConditionRound)
{
    EXPECT_FALSE(meets("!dual"));
    EXPECT_TRUE(meets("!sft"));
    EXPECT_TRUE(meets("!tag:draft !loss>3"));
}

TEST(RunQuery, OfAValueThatIsMissingIsNotMet)
{
    const MadeRun run = made("a", 1, {{"loss", std::numeric_limits<double>::quiet_NaN()}});
    const auto matches = [&](const char* query) { return RunQuery::parse(query, columns())->matches(run.view()); };
    EXPECT_FALSE(matches("rouge_l<1"));
    EXPECT_FALSE(matches("rouge_l>=0"));
    EXPECT_FALSE(matches("loss<100")) << "NaN is no number";
    EXPECT_FALSE(matches("lr<1")) << "the configuration is not read";
    EXPECT_TRUE(matches("note!=x"));
}

TEST(RunQuery, SaysWhetherItReadsConfigurations)
{
    EXPECT_TRUE(RunQuery::parse("dual lr<1", columns())->readsConfig());
    EXPECT_FALSE(RunQuery::parse("dual rouge_l>0", columns())->readsConfig());
}

Failure refused(const std::string& query)
{
    const auto parsed = RunQuery::parse(query, columns());
    EXPECT_FALSE(parsed) << query;
    if (parsed) {
        return {};
    }
    EXPECT_EQ(parsed.failure().kind, FailureKind::Usage);
    return parsed.failure();
}

TEST(RunQuery, SaysWhatItDoesNotUnderstand)
{
    EXPECT_EQ(refused("rogue_l>20").what, "There is no column \"rogue_l\".");
    EXPECT_EQ(refused("train.batchsize=4").hint, "Did you mean train.batch_size?");
    EXPECT_EQ(refused("temperature=2").hint, "Write the full name.");
    EXPECT_THAT(refused("temperature=2").what, testing::HasSubstr("method.temperature"));
    EXPECT_EQ(refused("lr<").what, "Nothing stands behind lr<.");
    EXPECT_EQ(refused("lr<small").what, "lr<small: \"small\" is not a number such as 10, 1e-3 or 20k.");
    EXPECT_EQ(refused("created>yesterday").what,
              "created>yesterday: \"yesterday\" is not a time such as 2026-11-30 or 2026-11-30T12:00.");
    EXPECT_EQ(refused("name<b").what, "name<b: name is a text, which has no order.");
    EXPECT_EQ(refused("name<b").hint, "Write name:b (contains) or name=b (is).");
    EXPECT_EQ(refused("dual note:\"too large").what, "A quotation mark is not closed: note:\"too large.");
}

TEST(RunQuery, OfHostileTextIsRefusedOrParsed)
{
    for (const std::string& text :
         {std::string("!"), std::string("!!"), std::string(":"), std::string("=="), std::string("\0a", 2),
          std::string("\xff\xfe<3"), std::string(100'000, '!'), std::string("a:\""), std::string("!=3")}) {
        (void)RunQuery::parse(text, columns()); // neither throws nor crashes
    }
}

} // namespace
} // namespace dskd::jobs
