#pragma once

#include <string>
#include <string_view>

namespace dskd::tokenizer
{

// A chat template in a form in which two spellings of one template are equal, for recognising known ones; nothing is
// run. The text is read with transformers' settings (trim_blocks, lstrip_blocks), so blanks between tags count exactly
// as far as they would be written. Then
//   outputs that follow each other, and literals that are added, become one;
//   "x['name']" is "x.name", "| trim" is ".strip()", "loop.index0 == 0" is "loop.first"; quotes and blanks do not
//   matter; comments are left out;
//   what can never happen to a record of ours is left out: branches for tools, tool calls and messages of tools, for
//   reasoning that is kept beside a message, and for documents.
// Empty when it is no template that can be read so: a tag or a branch does not close.
[[nodiscard]] std::string jinjaForm(std::string_view jinja);

} // namespace dskd::tokenizer
