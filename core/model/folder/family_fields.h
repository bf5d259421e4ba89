#pragma once

// What each family's config.json says beyond the fields that all have. Used by model_config only.
//
// Every function fills in `config`, with the defaults that transformers takes for absent fields, and refuses through
// the reader what the model would compute differently.

#include "core/model/folder/config_reader.h"
#include "core/model/folder/model_config.h"

namespace dskd::model
{

// Far above every published model, low enough that no product of sizes overflows.
constexpr std::int64_t kMaxLayers = 1 << 10;
constexpr std::int64_t kMaxHeads = 1 << 12;
constexpr std::int64_t kMaxHeadWidth = 1 << 14;
constexpr std::int64_t kMaxWidth = 1 << 18;
constexpr std::int64_t kMaxInnerWidth = 1 << 21;
constexpr std::int64_t kMaxVocabulary = 1 << 24;
constexpr std::int64_t kMaxPositions = 1 << 27;

void readGpt2(ConfigReader& reader, ModelConfig& config);
void readGptNeoX(ConfigReader& reader, ModelConfig& config);
void readLlamaLike(ConfigReader& reader, ModelConfig& config); // all others

// Bases and scaling of the rotary positions. `config` knows its family and its longest position; ropeTheta holds the
// family's default.
void readRope(ConfigReader& reader, ModelConfig& config);

// Which layers use a sliding window, and how wide it is. `config` knows its family and its layers.
void readWindow(ConfigReader& reader, ModelConfig& config);

} // namespace dskd::model
