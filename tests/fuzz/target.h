#pragma once

// Readers of files that come from elsewhere, fed with bytes that nobody meant. Each target takes any input: what it
// reads is read or refused with a sentence. A crash, a sanitizer's finding, an exception that is no dskd::Error, a
// refusal without a sentence, and a broken promise of the reader end the process.
//
// Replayed over seeds and stored inputs by test_fuzz in every test run; searched by libFuzzer with packaging/fuzz.sh.

#include "core/base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::fuzz
{

struct Target {
    std::string_view name; // also the folder of its stored inputs, corpus/NAME
    void (*read)(std::string_view input);
    std::vector<std::string> (*seeds)(); // whole files, from which a search begins
};

[[nodiscard]] std::span<const Target> targets();
[[nodiscard]] const Target* findTarget(std::string_view name); // nullptr: none is called so

// Reads the input; returns whether it is understood or refused.
void run(const Target& target, std::string_view input);

// Ends the process unless `holds`, with what is promised.
void require(bool holds, const char* promise);

// The reason of a refusal is a sentence.
void requireSentence(const Failure& failure);

template <typename T>
bool readOrRefused(const Result<T>& result)
{
    if (!result) {
        requireSentence(result.failure());
    }
    return result.ok();
}

} // namespace dskd::fuzz
