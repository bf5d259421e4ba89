#include "core/train/job/preflight.h"

namespace dskd::train
{
Result<void> checkVocabularies(const config::Experiment& experiment, const Tokenizers& tokenizers)
{
    if (tokenizers.teacher == nullptr) {
        return {};
    }
    return preflight::checkVocabularies(experiment, {*tokenizers.student, tokenizers.studentFolder},
                                        {*tokenizers.teacher, tokenizers.teacherFolder}, tokenizers.shared());
}

Result<void> checkNotEmpty(std::span<const Example> examples, const std::string& field, const std::string& file)
{
    if (!examples.empty()) {
        return {};
    }
    return Failure{field + ": " + file + " holds no sample with a response token within data.max_length tokens.",
                   "Check the file's format, or raise data.max_length above data.max_prompt_length."};
}

} // namespace dskd::train
