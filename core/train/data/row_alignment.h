#pragma once

// Which response rows of the two tokenizations of one sample belong together: found once, before training.

#include "core/align/exact_alignment.h"
#include "core/align/minimum_edits.h"
#include "core/batch/step_rows.h"
#include "core/config/schema/alignment.h"
#include "core/dataset/sample.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace dskd::train
{

// Of one sample; rows count from its first scored one, with the loss on the response.
struct RowAlignment {
    // ETA, alignment by position, MinED; soft alignments on answers of the student's own and in probes
    std::vector<align::TokenPair> pairs;
    std::vector<std::int64_t> teacherChunks; // CLA and CLP: one number per row of the side
    std::vector<std::int64_t> studentChunks;
    // With chunks as published: of the positions that are no rows, prompt before padding.
    std::vector<std::int64_t> teacherOutsideChunks;
    std::vector<std::int64_t> studentOutsideChunks;
};

struct SampleSide {
    const tokenizer::Tokenizer& tokenizer;
    const dataset::Sample& sample;
};

// Empty for alignments that need nothing beforehand. ETA pairs rows that predict the same text; the chunks of CLA and
// CLP and the pairs of MinED are, as published, of the tokens that rows read: the first row reads the prompt. `edits`
// are those of the two tokenizers; only MinED needs them.
[[nodiscard]] RowAlignment alignRows(const SampleSide& teacher, const SampleSide& student, std::string_view response,
                                     config::Alignment alignment, const align::MinimumEdits* edits = nullptr);

// Rows that predict the same text, whatever the alignment of the method: by position with one tokenizer (the same
// object), else by ETA.
[[nodiscard]] std::vector<align::TokenPair> exactPartners(const SampleSide& teacher, const SampleSide& student,
                                                          std::string_view response);

// A sample and the text that its prompt was encoded from (dataset::promptFor).
struct PromptedSample {
    const dataset::Sample& sample;
    std::string_view prompt;
};

// Replaces the chunks by those of the published walk over prompt, answer and padding up to `length` tokens. As in
// transformers the tokens of one character all end where the character does.
void chunkAsPublished(const PromptedSample& teacher, const PromptedSample& student, std::string_view response,
                      std::int64_t length, RowAlignment& alignment);

// Sets pairs and chunks of a micro-batch from those of its samples, in order, on `device`. Rows per sample are known.
void setAlignment(batch::StepRows& rows, const std::vector<const RowAlignment*>& samples, config::Alignment alignment,
                  at::Device device);

} // namespace dskd::train
