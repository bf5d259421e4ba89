#pragma once

// What is checked before any weight is trained: do these models, tokenizers and data fit together?

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/preflight/rules.h"
#include "core/train/data/job_data.h"

#include <span>

namespace dskd::train
{

// Needs no weights. The failure names both sides and what to change.
Result<void> checkVocabularies(const config::Experiment& experiment, const Tokenizers& tokenizers);

using preflight::checkModel;

Result<void> checkNotEmpty(std::span<const Example> examples, const std::string& field, const std::string& file);

} // namespace dskd::train
