// Compares our tokenizer with what tokenizer_reference.py wrote about the reference's.
//
//   tokenizer_compare MODEL_FOLDER REFERENCE.jsonl
//
// Every line of the file is {"text": ..., "ids": [...], "ids_special": [...], "decoded": ..., "decoded_skip": ...,
// "offsets": [[begin, end], ...]}. Texts are hexadecimal, so that they can be invalid UTF-8. Prints one line with
// the counts, and the first differences; exits with 1 when ids or decoded texts differ.

#include "core/base/utf8.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/hex.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace
{

using nlohmann::json;

struct Counts {
    std::size_t texts = 0;
    std::size_t bytes = 0;
    std::size_t tokens = 0;
    std::size_t differingIds = 0;
    std::size_t differingTexts = 0;
    std::size_t differingDecodes = 0;
    std::size_t comparedOffsets = 0;
    std::size_t differingOffsets = 0;
    std::size_t brokenCover = 0;
};

std::size_t countDifferences(const std::vector<dskd::tokenizer::TokenId>& ours, const json& theirs)
{
    std::size_t differing = std::max(ours.size(), theirs.size()) - std::min(ours.size(), theirs.size());
    for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
        differing += ours[i] != theirs[i].get<int>() ? 1 : 0;
    }
    return differing;
}

// The reference gives every token of a split character the whole character, and what a normaliser inserted the
// character after it: spans are compared after widening ours to whole characters, empty ones are not compared.
void compareOffsets(const dskd::tokenizer::Encoding& encoding, const std::string& text, const json& theirs,
                    Counts& counts)
{
    std::uint32_t position = 0;
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        const auto [begin, end] = encoding.offsets[i];
        counts.brokenCover += begin != position || end < begin ? 1 : 0;
        position = end;
        if (begin == end || encoding.replacedBytes > 0 || i >= theirs.size()) {
            continue;
        }
        counts.comparedOffsets += 1;
        const bool agree = dskd::codePointBegin(text, begin) == theirs[i][0].get<std::size_t>() &&
                           dskd::codePointEnd(text, end) == theirs[i][1].get<std::size_t>();
        counts.differingOffsets += agree ? 0 : 1;
    }
    counts.brokenCover += position != text.size() ? 1 : 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::cerr << "usage: tokenizer_compare MODEL_FOLDER REFERENCE.jsonl\n";
        return 2;
    }
    const auto started = std::chrono::steady_clock::now();
    const auto tokenizer = dskd::tokenizer::loadTokenizer(argv[1]);
    if (!tokenizer) {
        std::cerr << tokenizer.failure().text() << "\n";
        return 2;
    }
    const std::chrono::duration<double> loading = std::chrono::steady_clock::now() - started;
    std::ifstream file(argv[2]);
    Counts counts;
    for (std::string line; std::getline(file, line);) {
        const json reference = json::parse(line);
        const auto bytesOf = [&](const char* field) {
            return dskd::test::bytesFromHex(reference[field].get<std::string>());
        };
        const std::string text = bytesOf("text");
        const auto encoding = (*tokenizer)->encode(text);
        const auto special = (*tokenizer)->encode(text, true);
        const std::size_t differing =
            countDifferences(encoding.ids, reference["ids"]) + countDifferences(special.ids, reference["ids_special"]);
        const std::vector<int> ids = reference["ids_special"];
        const bool sameDecoded = (*tokenizer)->decode(ids) == bytesOf("decoded") &&
                                 (*tokenizer)->decode(ids, true) == bytesOf("decoded_skip");
        counts.texts += 1;
        counts.bytes += text.size();
        counts.tokens += encoding.ids.size();
        counts.differingIds += differing;
        counts.differingTexts += differing > 0 ? 1 : 0;
        counts.differingDecodes += sameDecoded ? 0 : 1;
        compareOffsets(encoding, text, reference["offsets"], counts);
        if ((differing > 0 || !sameDecoded) && counts.differingTexts + counts.differingDecodes <= 10) {
            std::cout << (differing > 0 ? "ids" : "decode")
                      << " differ: " << json(text.substr(0, 100)).dump(-1, ' ', true, json::error_handler_t::replace)
                      << "\n  ours   " << json(encoding.ids).dump().substr(0, 300) << "\n  theirs "
                      << reference["ids"].dump().substr(0, 300) << "\n";
        }
    }
    std::cout << argv[1] << ": " << (*tokenizer)->kind() << ", " << counts.texts << " texts, " << counts.bytes
              << " bytes, " << counts.tokens << " tokens; differing ids " << counts.differingIds << ", decodes "
              << counts.differingDecodes << ", spans " << counts.differingOffsets << " of " << counts.comparedOffsets
              << "; spans that do not continue " << counts.brokenCover << "; loaded in " << loading.count() << " s\n";
    return counts.texts > 0 && counts.differingIds == 0 && counts.differingDecodes == 0 ? 0 : 1;
}
