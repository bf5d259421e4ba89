#pragma once

// Chunks of text that two tokenizations cut at the same places (CLA and CLP, core/distill/METHOD.md 6.3), by byte
// offsets.

#include <cstdint>
#include <span>
#include <vector>

namespace dskd::align
{

struct Chunks {
    std::vector<std::int64_t> teacher; // one number per token, rising
    std::vector<std::int64_t> student;
};

// Numbers the smallest pieces that begin and end at the same byte on both sides from 0; tokens of one piece have one
// number. `ends` are the offsets behind the tokens of one text, never falling. What follows the last common end (one
// side was cut) has no partner: it is numbered beyond everything that the other side has.
//
// The published code walks characters of prompt and answer together and loses its place behind a prompt that was cut;
// here every text is walked for itself.
[[nodiscard]] Chunks commonChunks(std::span<const std::uint32_t> teacherEnds,
                                  std::span<const std::uint32_t> studentEnds);

// The same as the published code has it, over padded rows of prompt, answer and padding: offsets start again where the
// answer does and are -1 at padding. A chunk grows on the side whose end is smaller until both ends are equal or the
// next offset falls. It loses its place where the sides differ (a cut prompt, two tokens of one character). What is
// left when one side is used up is numbered -1 (teacher) and -2 (student): without a partner.
[[nodiscard]] Chunks publishedChunks(std::span<const std::int64_t> teacherEnds,
                                     std::span<const std::int64_t> studentEnds);

} // namespace dskd::align
