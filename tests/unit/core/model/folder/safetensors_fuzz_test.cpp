// Thousands of damaged variants of a small valid file, the same ones every time: each is either read, and then its
// entries lie within the file, or refused with a sentence. Nothing crashes. Needs no LibTorch.

#include "core/base/random_stream.h"
#include "core/model/folder/safetensors_header.h"

#include "tests/unit/core/model/safetensors_bytes.h"

#include <array>
#include <gtest/gtest.h>
#include <vector>

using namespace dskd::model;
using dskd::model::testing::safetensorsBytes;

namespace
{
std::string validFile()
{
    return safetensorsBytes(R"({"__metadata__":{"format":"pt"},)"
                            R"("model.embed.weight":{"dtype":"F32","shape":[4,3],"data_offsets":[0,48]},)"
                            R"("model.norm.weight":{"dtype":"BF16","shape":[3],"data_offsets":[48,54]},)"
                            R"("lm_head.weight":{"dtype":"F16","shape":[1,5],"data_offsets":[54,64]}})",
                            std::string(64, '\x7e'));
}

constexpr std::array<const char*, 24> kTokens = {
    "{", "}",  "[",   "]",       ",",    ":",    "\"",     "\\",   "null", "true", "-1", "1e999",
    "0", "64", "F64", "\\u0000", "[[[[", "{{{{", "\"w\":", "BOOL", "4,0",  "\xff", " ",  "18446744073709551615"};

class Mutator
{
public:
    explicit Mutator(std::uint64_t seed) : m_stream(seed) {}

    std::string mutate(std::string bytes)
    {
        const std::size_t changes = 1 + below(4);
        for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
            changeOnce(bytes);
        }
        return bytes;
    }

private:
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(m_stream.below(limit)); }

    void changeOnce(std::string& bytes)
    {
        const std::size_t place = below(bytes.size());
        switch (below(7)) {
        case 0: // one bit
            bytes[place] = static_cast<char>(bytes[place] ^ (1 << below(8)));
            break;
        case 1: // truncated
            bytes.resize(place);
            break;
        case 2: // another header length
            bytes[below(std::min<std::size_t>(bytes.size(), 8))] = static_cast<char>(below(256));
            break;
        case 3: // a token over what was there
        case 4: // a token in between
            replace(bytes, place, kTokens[below(kTokens.size())], below(2) == 0);
            break;
        case 5: // a piece twice, so names are
            replace(bytes, place, bytes.substr(below(bytes.size()), below(90)), true);
            break;
        default: // a digit for a digit
            for (std::size_t i = place; i < bytes.size(); ++i) {
                if (bytes[i] >= '0' && bytes[i] <= '9') {
                    bytes[i] = static_cast<char>('0' + below(10));
                    break;
                }
            }
        }
    }

    // Half of the time the header's length is made right again, so that the change reaches the JSON.
    void replace(std::string& bytes, std::size_t place, const std::string& text, bool insert)
    {
        const std::size_t before = bytes.size();
        bytes.replace(place, insert ? 0 : std::min(text.size(), bytes.size() - place), text);
        if (before >= 8 && place >= 8 && below(2) == 0) {
            const std::size_t length = bytes.find("}}") == std::string::npos ? bytes.size() - 8 : bytes.rfind("}}") - 6;
            for (std::size_t i = 0; i < 8; ++i) {
                bytes[i] = static_cast<char>(static_cast<std::uint64_t>(length) >> (8 * i) & 0xff);
            }
        }
    }

    dskd::RandomStream m_stream;
};
} // namespace

TEST(SafetensorsFuzz, DamagedHeadersAreReadSafelyOrRefused)
{
    const std::string valid = validFile();
    ASSERT_TRUE(parseSafetensorsHeader(valid, valid.size(), "m"));
    Mutator mutator(20240607);
    int numRead = 0;
    int numRefused = 0;
    for (int i = 0; i < 20000; ++i) {
        // an exact copy on the heap: a read past the end is seen by AddressSanitizer
        const std::string mutated = mutator.mutate(valid);
        const std::vector<char> bytes(mutated.begin(), mutated.end());
        const auto header = parseSafetensorsHeader({bytes.data(), bytes.size()}, bytes.size(), "m.safetensors");
        if (!header) {
            ++numRefused;
            ASSERT_FALSE(header.failure().what.empty());
            continue;
        }
        ++numRead;
        std::uint64_t position = 0;
        for (const SafetensorsEntry& entry : header->entries) {
            ASSERT_EQ(entry.begin, position);
            ASSERT_LE(entry.begin, entry.end);
            ASSERT_TRUE(safetensorsElementSize(entry.dtype));
            position = entry.end;
        }
        ASSERT_EQ(header->dataStart + position, bytes.size());
    }
    // Both happen, or the mutations would prove nothing.
    EXPECT_GT(numRead, 100);
    EXPECT_GT(numRefused, 10000);
}
