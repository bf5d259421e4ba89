#pragma once

// `dskd tokenize`: ids, pieces and byte offsets of a text, a file, or one field of every line of a JSONL file; or
// the prompts that a template makes of records.

#include "app/cli/terminal/console.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dskd::cli
{

struct TokenizeOptions {
    std::filesystem::path model;     // a folder with a tokenizer
    std::optional<std::string> text; // exactly one of these three
    std::filesystem::path file;
    std::filesystem::path jsonl;
    std::string field = "text"; // of the JSONL objects; only without a template
    std::string promptTemplate; // data.template; with one, the lines of `jsonl` are records, as training reads them
    std::string systemPrompt;   // data.system_prompt; only with a chat template
    std::int64_t limit = 0;     // first N records; 0: all, of a table the first one; only with a template
    bool special = false;       // add what the model's post-processor adds; only without a template
    bool json = false;
};

// Prints {"ids":[…],"pieces":[…],"offsets":[[begin,end],…]}: one line for each line of a JSONL file; for a text or a
// file only with --json, else a table. Lines that cannot be used are reported on err with file, line and reason and
// have no line in the output; when no line can be used, the code is BadData. With a template, each record is shown as
// its model sees it: {"prompt":…,"response":…,"prompt_tokens":…,"ids":…,"pieces":…}, the end of the answer among the
// ids; without --json the prompt as text and a table of the tokens. Options that would change nothing beside the others
// are refused with Usage.
int runTokenize(const TokenizeOptions& options, Console& console);

} // namespace dskd::cli
