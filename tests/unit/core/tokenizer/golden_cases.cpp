#include "tests/unit/core/tokenizer/golden_cases.h"

#include "core/base/regular_file.h"
#include "tests/support/hex.h"
#include "tests/support/paths.h"

#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{

using nlohmann::json;
using test::bytesFromHex;

std::filesystem::path goldenFolder()
{
    return std::filesystem::path(test::goldenDir()) / "tokenizer";
}

std::vector<GoldenCase> readGoldenCases(const std::filesystem::path& file)
{
    std::vector<GoldenCase> cases;
    for (const json& entry : json::parse(readTextFile(file).value())) {
        GoldenCase read;
        read.text = bytesFromHex(entry["text"].get<std::string>());
        read.ids = entry["ids"].get<std::vector<TokenId>>();
        read.idsWithSpecial = entry.value("ids_special", read.ids);
        if (!entry.contains("decoded")) {
            read.decoded = read.text;
        } else if (entry["decoded"].is_string()) {
            read.decoded = bytesFromHex(entry["decoded"].get<std::string>());
        }
        read.decodedSkip = entry.contains("decoded_skip") ? bytesFromHex(entry["decoded_skip"].get<std::string>())
                                                          : read.decoded.value_or(read.text);
        cases.push_back(std::move(read));
    }
    return cases;
}

std::string quoted(std::string_view text)
{
    return json(text.substr(0, 120)).dump(-1, ' ', true, json::error_handler_t::replace);
}

std::unique_ptr<Tokenizer> mustLoad(const std::filesystem::path& folder)
{
    return std::move(loadTokenizer(folder)).value(); // throws the failure's sentence
}

} // namespace dskd::tokenizer
