// Every seed, damaged variants of it, the same ones every time, and every stored input through its target. A crash here
// fails the test program as a whole. DSKD_FUZZ_VARIANTS: how many variants a target, instead of a few hundred.

#include "core/base/random_stream.h"
#include "core/base/regular_file.h"
#include "tests/fuzz/target.h"
#include "tests/support/paths.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace dskd::fuzz
{
namespace
{

std::filesystem::path corpus()
{
    return test::sourceDir() + "/tests/fuzz/corpus";
}

std::size_t numVariants()
{
    const char* value = std::getenv("DSKD_FUZZ_VARIANTS");
    return value == nullptr ? 300 : static_cast<std::size_t>(std::strtoull(value, nullptr, 10));
}

std::size_t below(RandomStream& random, std::size_t limit)
{
    return static_cast<std::size_t>(random.below(limit));
}

// One to four changes: a bit, a piece left out, a piece twice, a number or a word of JSON in a place where none was.
std::string damaged(std::string bytes, RandomStream& random)
{
    constexpr std::array<std::string_view, 16> kWords = {"null", "true", "-1",  "0",  "1e999", "18446744073709551615",
                                                         "[]",   "{}",   "\"",  "\\", ":",     "\\ud800",
                                                         "[[[[", "\xff", "NaN", "\n"};
    const std::size_t changes = 1 + below(random, 4);
    for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
        const std::size_t place = below(random, bytes.size());
        const std::size_t length = 1 + below(random, 40);
        switch (below(random, 4)) {
        case 0: bytes[place] = static_cast<char>(bytes[place] ^ (1 << below(random, 8))); break;
        case 1: bytes.erase(place, length); break;
        case 2: bytes.insert(place, bytes.substr(below(random, bytes.size()), length)); break;
        default: bytes.insert(place, kWords[below(random, kWords.size())]); break;
        }
    }
    return bytes;
}

// After a crash the input lies there still.
void runNoted(const Target& target, std::string_view input)
{
    const auto note = std::filesystem::temp_directory_path() / ("dskd_fuzz_" + std::string(target.name));
    std::ofstream(note, std::ios::binary) << input;
    run(target, input);
    std::filesystem::remove(note);
}

class Replay : public testing::TestWithParam<Target>
{
};

TEST_P(Replay, ReadsOrRefusesEveryInput)
{
    const Target& target = GetParam();
    std::vector<std::string> seeds = target.seeds();
    ASSERT_FALSE(seeds.empty());
    std::sort(seeds.begin(), seeds.end());
    for (const std::string& seed : seeds) {
        runNoted(target, seed);
        for (std::size_t part = 1; part < 8; ++part) {
            runNoted(target, std::string_view(seed).substr(0, seed.size() * part / 8)); // cut off
        }
    }
    RandomStream random(1, std::string(target.name));
    const std::size_t variants = numVariants();
    for (std::size_t i = 0; i < variants; ++i) {
        runNoted(target, damaged(seeds[i % seeds.size()], random));
    }
    const std::filesystem::path stored = corpus() / target.name;
    if (!std::filesystem::is_directory(stored)) {
        return;
    }
    for (const auto& entry : std::filesystem::directory_iterator(stored)) {
        SCOPED_TRACE(entry.path().string());
        run(target, readTextFile(entry.path()).value());
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, Replay, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

TEST(Corpus, IsOfTargetsThatExist)
{
    for (const auto& folder : std::filesystem::directory_iterator(corpus())) {
        EXPECT_NE(findTarget(folder.path().filename().string()), nullptr) << folder.path();
    }
}

} // namespace
} // namespace dskd::fuzz
