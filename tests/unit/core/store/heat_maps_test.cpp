// The heat maps of run.db, also those of a file of an earlier version.

#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/unit/core/store/run_db.h"

#include <cmath>
#include <cstring>
#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RunDb, FillsUpAHeatMapThatLostCells)
{
    const auto writing = writer();
    writing->addHeatMap({0, 50, "cma.t2s", 0, {"a", "b"}, {"x", "y", "z"}, {1, 2, 3, 4, 5, 6}});
    ASSERT_TRUE(writing->flush());
    {
        const Database other(run.database(), Database::Access::ReadWrite);
        other.execute("UPDATE heatmaps SET cells = x'0000803f'"); // one cell of six
    }
    const auto map = reader().heatMap("cma.t2s", 0);
    ASSERT_EQ(map->values.size(), 6U) << "whoever draws it reads that many";
    EXPECT_EQ(map->values[0], 1.0F);
    EXPECT_TRUE(std::isnan(map->values[5]));
}

TEST_F(RunDb, KeepsHeatMapsToTheBit)
{
    HeatMapRow map{0, 50, "cma.t2s", 3, {"a", "\xff", "\"q\""}, {"é", ""}, {0.1f, 1e-30f, -0.0f, 1, 2, NAN}};
    const auto writing = writer();
    writing->addHeatMap(map);
    map.step = 100;
    writing->addHeatMap(map);
    ASSERT_TRUE(writing->flush());
    RunReader reading = reader();
    const auto list = reading.heatMaps();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_THAT(list[0].values, IsEmpty());
    const auto again = reading.heatMap(list[0].id);
    ASSERT_TRUE(again);
    EXPECT_THAT(again->rowTokens, ElementsAre("a", "\xEF\xBF\xBD", "\"q\"")) << "bytes that are no UTF-8 become U+FFFD";
    EXPECT_THAT(again->columnTokens, ElementsAre("é", ""));
    ASSERT_EQ(again->values.size(), map.values.size());
    EXPECT_EQ(std::memcmp(again->values.data(), map.values.data(), map.values.size() * sizeof(float)), 0);
    EXPECT_EQ(reading.heatMap("cma.t2s", 3)->step, 100);
    EXPECT_EQ(reading.heatMap("cma.t2s", 3, 99)->step, 50);
    EXPECT_EQ(reading.heatMap("cma.t2s", 3, 49), std::nullopt);
    EXPECT_EQ(reading.heatMap("cma.t2s", 4), std::nullopt);
}

TEST_F(RunDb, KeepsLargeHeatMapsInHalfTheBytesAndHowLongTheSampleIs)
{
    HeatMapRow map{0, 50, "cma.t2s", 0, std::vector<std::string>(310, "a"), std::vector<std::string>(97, "b"), {}};
    map.values.assign(map.rowTokens.size() * map.columnTokens.size(), 1.0F / 3.0F);
    map.values.back() = 1.0F;
    map.wholeRows = 310;
    map.wholeColumns = 290;
    {
        const auto writing = writer();
        writing->addHeatMap(map);
        ASSERT_TRUE(writing->flush());
    }
    const auto read = reader().heatMap("cma.t2s", 0);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->values.size(), map.values.size());
    EXPECT_EQ(read->values.front(), 0.333251953125F) << "rounded to half precision";
    EXPECT_EQ(read->values.back(), 1.0F);
    EXPECT_EQ(read->wholeRows, 310);
    EXPECT_EQ(read->wholeColumns, 290);
    const Database database(run.database(), Database::Access::Read);
    Statement bytes = database.prepare("SELECT LENGTH(cells) FROM heatmaps");
    ASSERT_TRUE(bytes.step());
    EXPECT_EQ(bytes.integer(0), 2 * 310 * 97);
}

TEST_F(RunDb, ReadsTheMapsOfAFileOfBeforeAndAddsItsOwnToThem)
{
    const Schema before{"run database", kRunSchema.steps.first(kMapSizesSince - 1)};
    {
        const Database old(run.database(), Database::Access::Create);
        ASSERT_TRUE(migrate(old, before, run.database().string()));
        old.execute("INSERT INTO heatmaps(step, name, sample, row_tokens, column_tokens, cells) "
                    "VALUES(50, 'cma.t2s', 0, '[\"a\"]', '[\"x\", \"y\"]', x'0000803f0000003f')");
    }
    const auto expectOld = [&](const std::optional<HeatMapRow>& map) {
        ASSERT_TRUE(map);
        EXPECT_THAT(map->values, ElementsAre(1.0F, 0.5F));
        EXPECT_THAT(map->columnTokens, ElementsAre("x", "y"));
        EXPECT_EQ(map->wholeRows, std::nullopt) << "nobody wrote it down";
        EXPECT_EQ(map->wholeColumns, std::nullopt);
    };
    expectOld(reader().heatMap("cma.t2s", 0));
    expectOld(reader().heatMap(1));

    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(50));
    HeatMapRow map{0, 100, "cma.t2s", 0, {"a"}, {"x", "y"}, {0.25F, 0.75F}};
    map.wholeRows = 1;
    map.wholeColumns = 9;
    writing->addHeatMap(map);
    ASSERT_TRUE(writing->flush());
    expectOld(reader().heatMap("cma.t2s", 0, 50));
    const auto added = reader().heatMap("cma.t2s", 0);
    EXPECT_THAT(added->values, ElementsAre(0.25F, 0.75F));
    EXPECT_EQ(added->wholeColumns, 9);
}

} // namespace
} // namespace dskd::store
