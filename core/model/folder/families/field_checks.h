#pragma once

// Reads and refusals that several families share.

#include "core/model/folder/config_reader.h"
#include "core/model/folder/model_config.h"

#include <initializer_list>
#include <string>

namespace dskd::model
{

void refuseActivation(ConfigReader& reader, const ModelConfig& config, const std::string& activation,
                      const std::string& known);

// Refuses those of the flags that are true.
void refuseFlags(ConfigReader& reader, std::initializer_list<const char*> flags);

// A cap or a clip: `fallback` where it is absent, 0 where it is null.
[[nodiscard]] double readLimit(ConfigReader& reader, const std::string& field, double fallback);
// The same to write: null for 0.
[[nodiscard]] nlohmann::ordered_json limitJson(double limit);

// Width / heads as the head width; the names are of their fields. Refuses a remainder.
void divideWidth(ConfigReader& reader, ModelConfig& config, const std::string& widthField = "hidden_size",
                 const std::string& headsField = "num_attention_heads");

} // namespace dskd::model
