#pragma once

// `dskd align`: how much of the student's response tokens exact token alignment or MinED reaches, before any training.
// Reads the two tokenizers and a data file; no model weights.

#include "app/cli/terminal/console.h"
#include "core/align/exact_alignment.h"
#include "core/align/minimum_edits.h"

#include <cstdint>
#include <string>

namespace dskd::cli
{

struct AlignOptions {
    std::string teacher; // folders that hold a tokenizer
    std::string student;
    std::string data;           // JSONL; the first answer of every record is aligned
    std::string promptTemplate; // data.template; a chat template is each side's own, and says what ends an answer
    align::Method method = align::Method::EtaBytes;
    bool minimumEdits = false; // instead of `method`: MinED, of samples cut at training's default lengths
    std::int64_t limit = 0;    // first N records; 0: all
    bool json = false;
};

// "eta-bytes", "eta-published".
[[nodiscard]] std::string_view methodName(align::Method method);
inline constexpr std::string_view kMinimumEditsName = "mined";

// Prints how much of the student's tokens is aligned, with --json as {"samples":...,"coverage":{...},...}. MinED looks
// at prompts as well and takes time that grows with the square of the length, so that its samples are cut as training
// cuts them by default; when some are, it says how many ("cut" of the JSON). ETA looks at whole answers.
int runAlign(const AlignOptions& options, Console& console);

} // namespace dskd::cli
