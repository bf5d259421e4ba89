#pragma once

// What a job reads before it can start: tokenizers and tokenised data.

#include "core/config/schema/experiment.h"
#include "core/dataset/record.h"
#include "core/dataset/sample.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/data/row_alignment.h"
#include "core/train/job/observer.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dskd::train
{

// One record in the tokens of the student and, where it is another one, of the teacher's tokenizer.
struct Example {
    dataset::Record record;
    dataset::Sample student;
    dataset::Sample teacher; // empty without a teacher
    RowAlignment alignment;  // of the two
};

struct Tokenizers {
    std::filesystem::path studentFolder;
    std::filesystem::path teacherFolder; // empty without a teacher
    std::shared_ptr<const tokenizer::Tokenizer> student;
    std::shared_ptr<const tokenizer::Tokenizer>
        teacher; // the student's when both have one vocabulary and one chat template; null without one
    std::shared_ptr<const align::MinimumEdits> edits; // of the two; only MinED

    [[nodiscard]] bool shared() const { return teacher == nullptr || teacher == student; }
};

// With data.template applied (dataset/conversation.h): the eos of both is what ends their answers. Leaves `edits` to
// matchSpellings. Throws Error(BadModel) when a folder holds no tokenizer that can be read, or no chat template
// where one is wanted.
[[nodiscard]] Tokenizers loadTokenizers(const config::Experiment& experiment);

// Sets `edits` of MinED's tokenizers, from the cache where this pair was met before, and reports to the observer how
// many tokens are matched. Other methods: nothing. False when `stop` turned true before the map was found.
[[nodiscard]] bool matchSpellings(Tokenizers& tokenizers, const config::MethodConfig& method, Observer& observer,
                                  const std::atomic<bool>* stop = nullptr);

// Reads and tokenises a file, on several threads. Reports skipped lines to the observer as "data" events, and in a
// "warning" how many of them there are and which fields are not used. Throws Error(BadData) when it cannot be read.
// `teacherAnswers`, unless empty, names the file whose answers take the place
// of the data's (teacher_answers.h).
[[nodiscard]] std::vector<Example> loadExamples(const std::string& file, std::int64_t limit,
                                                const config::DataConfig& config, const Tokenizers& tokenizers,
                                                Observer& observer,
                                                config::Alignment alignment = config::Alignment::None,
                                                const std::filesystem::path& teacherAnswers = {});

// Tokenises examples of `file` for a teacher that only probes use. Leaves out those that its chat template cannot
// write or that leave no token to score, and logs in a "warning" how many.
[[nodiscard]] std::vector<Example> forProbeTeacher(std::vector<Example> examples, const std::string& file,
                                                   const config::DataConfig& config, const Tokenizers& tokenizers,
                                                   Observer& observer);

// Drops examples without a token to learn from, and reports how many were dropped.
void dropUnscored(std::vector<Example>& examples, const std::string& file, config::LossOn lossOn, bool withTeacher,
                  Observer& observer);

} // namespace dskd::train
