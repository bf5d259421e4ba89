#pragma once

// Rotary positions in config.json: bases, scaling, and how much of a head rotates.

#include "core/model/folder/config_reader.h"
#include "core/model/folder/model_config.h"

namespace dskd::model
{

// Where a family keeps what transformers 5 says in rope_parameters, and the part of a head that rotates by default.
struct RopeFields {
    const char* theta = "rope_theta";
    const char* part = "partial_rotary_factor";
    double defaultPart = 1.0;
};

// Fills in the bases and the scaling; returns the part of a head that rotates. `config` knows its head width and
// longest position, and holds the defaults of ropeTheta and windowRopeTheta, the latter only where the family has one.
double readRope(ConfigReader& reader, ModelConfig& config, const RopeFields& fields = {});

// Adds bases and scaling in the spelling of transformers 4.
void writeRope(const ModelConfig& config, nlohmann::ordered_json& object, const RopeFields& fields = {});

} // namespace dskd::model
