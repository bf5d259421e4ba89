// Speed of encoding and decoding, one thread, one text at a time.
//
//   tokenizer_bench TEXTS.jsonl MODEL_FOLDER...
//
// TEXTS.jsonl holds one JSON string a line, as tokenizer_bench.py writes and times them with PyPI tokenizers.
// Prints for each folder the best of five rounds over all texts, after one round that nobody counts.

#include "core/base/processor_name.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace
{

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Timing {
    double load = 0;
    double encode = 0;
    double decode = 0;
    std::size_t tokens = 0;
};

constexpr int kRounds = 5;

Timing measure(const std::filesystem::path& folder, const std::vector<std::string>& texts)
{
    Timing timing;
    auto start = Clock::now();
    const auto tokenizer = std::move(dskd::tokenizer::loadTokenizer(folder)).value();
    timing.load = secondsSince(start);
    timing.encode = timing.decode = std::numeric_limits<double>::max();
    for (int round = 0; round <= kRounds; ++round) {
        std::vector<dskd::tokenizer::Encoding> encodings;
        encodings.reserve(texts.size());
        start = Clock::now();
        for (const std::string& text : texts) {
            encodings.push_back(tokenizer->encode(text));
        }
        const double encode = secondsSince(start);
        start = Clock::now();
        std::size_t bytes = 0;
        for (const auto& encoding : encodings) {
            bytes += tokenizer->decode(encoding.ids).size();
        }
        const double decode = secondsSince(start);
        timing.tokens = 0;
        for (const auto& encoding : encodings) {
            timing.tokens += encoding.ids.size();
        }
        if (round > 0 && bytes > 0) {
            timing.encode = std::min(timing.encode, encode);
            timing.decode = std::min(timing.decode, decode);
        }
    }
    return timing;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::cerr << "usage: tokenizer_bench TEXTS.jsonl MODEL_FOLDER...\n";
        return 2;
    }
    std::vector<std::string> texts;
    std::size_t bytes = 0;
    std::ifstream file(argv[1]);
    for (std::string line; std::getline(file, line);) {
        texts.push_back(nlohmann::json::parse(line).get<std::string>());
        bytes += texts.back().size();
    }
    if (bytes == 0) {
        std::cerr << argv[1] << " holds no texts.\n";
        return 1;
    }
    std::printf("%s, one thread, g++ %s; %zu texts, %.2f MB; best of %d rounds\n", dskd::processorName().c_str(),
                __VERSION__, texts.size(), static_cast<double>(bytes) / 1e6, kRounds);
    std::printf("%-24s %12s %12s %10s %10s\n", "tokenizer", "encode MB/s", "decode MB/s", "load s", "tokens");
    for (int i = 2; i < argc; ++i) {
        const std::filesystem::path folder = argv[i];
        const Timing timing = measure(folder, texts);
        const double megabytes = static_cast<double>(bytes) / 1e6;
        std::printf("%-24s %12.2f %12.2f %10.3f %10zu\n", folder.filename().c_str(), megabytes / timing.encode,
                    megabytes / timing.decode, timing.load, timing.tokens);
        std::fflush(stdout);
    }
    return 0;
}
