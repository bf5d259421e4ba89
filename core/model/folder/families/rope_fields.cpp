#include "core/model/folder/families/rope_fields.h"

// transformers 4 writes rope_theta and rope_scaling, transformers 5 the one object rope_parameters; for Gemma 3, whose
// two kinds of layers have different bases, rope_local_base_freq beside them or two objects in rope_parameters.

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

constexpr double kLargestBase = 1e12;
const char* const kWindowTheta = "rope_local_base_freq";

// An object of rope_scaling or rope_parameters.
struct RopeObject {
    double theta = 0.0;
    std::optional<RopeScaling> scaling;
    double partialFactor = 1.0;
};

RopeObject readObject(ConfigReader& reader, const std::string& field, const ModelConfig& config, RopeObject rope)
{
    if (!reader.value(field).is_object()) {
        reader.refuse("the field \"" + field + "\" is not an object");
        return rope;
    }
    ConfigReader object(reader.value(field), reader.where() + ", " + field);
    rope.theta = object.numberOr("rope_theta", 1.0, kLargestBase, rope.theta);
    rope.partialFactor = object.numberOr("partial_rotary_factor", 0.0, 1.0, rope.partialFactor);
    const std::string type = object.textOr("rope_type", object.textOr("type", "default"));
    if (type == "linear" || type == "llama3") {
        RopeScaling scaling;
        scaling.linear = type == "linear";
        if (!object.has("factor")) {
            object.refuse("the field \"factor\" is missing");
        }
        scaling.factor = object.numberOr("factor", 1.0, 1e6, 1.0);
        if (!scaling.linear) {
            scaling.lowFrequencyFactor = object.numberOr("low_freq_factor", 1e-6, 1e6, 1.0);
            scaling.highFrequencyFactor = object.numberOr("high_freq_factor", 1e-6, 1e6, 4.0);
            scaling.originalMaxPositions =
                object.countOr("original_max_position_embeddings", kMaxPositions, config.maxPositions);
            if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
                object.refuse("\"high_freq_factor\" must be above \"low_freq_factor\"");
            }
        }
        rope.scaling = scaling;
    } else if (type != "default") {
        object.refuse("the type \"" + type + "\" is not supported; supported are default, linear, llama3");
    }
    if (object.failure()) {
        reader.adopt(*object.failure());
    }
    return rope;
}

// Gemma 3: {"full_attention": {...}, "sliding_attention": {...}}.
void readNested(ConfigReader& reader, ModelConfig& config, RopeObject& rope)
{
    ConfigReader nested(reader.value("rope_parameters"), reader.where() + ", rope_parameters");
    if (nested.has("full_attention")) {
        rope = readObject(nested, "full_attention", config, rope);
    }
    if (nested.has("sliding_attention")) {
        RopeObject local;
        local.theta = *config.windowRopeTheta;
        local = readObject(nested, "sliding_attention", config, local);
        config.windowRopeTheta = local.theta;
        if (local.scaling || local.partialFactor != 1.0) {
            nested.refuse("\"sliding_attention\" is scaled, which is not supported");
        }
    }
    if (nested.failure()) {
        reader.adopt(*nested.failure());
    }
}
} // namespace

double readRope(ConfigReader& reader, ModelConfig& config, const RopeFields& fields)
{
    RopeObject rope;
    rope.theta = reader.numberOr(fields.theta, 1.0, kLargestBase, config.ropeTheta);
    rope.partialFactor = reader.numberOr(fields.part, 0.0, 1.0, fields.defaultPart);
    if (config.windowRopeTheta) {
        config.windowRopeTheta = reader.numberOr(kWindowTheta, 1.0, kLargestBase, *config.windowRopeTheta);
    }
    const ordered_json& parameters = reader.value("rope_parameters");
    const bool nested = parameters.contains("full_attention") || parameters.contains("sliding_attention");
    if (reader.has("rope_scaling")) {
        rope = readObject(reader, "rope_scaling", config, rope);
    } else if (nested && config.windowRopeTheta) {
        readNested(reader, config, rope);
    } else if (nested) {
        reader.refuse("\"rope_parameters\" differ from layer to layer, which is not supported for " +
                      familyName(config.family));
    } else if (reader.has("rope_parameters")) {
        rope = readObject(reader, "rope_parameters", config, rope);
    }
    config.ropeTheta = rope.theta;
    config.ropeScaling = rope.scaling;
    if (config.headWidth % 2 != 0) {
        reader.refuse("the head width " + std::to_string(config.headWidth) +
                      " is odd, but rotary positions turn its halves");
    }
    return rope.partialFactor;
}

void writeRope(const ModelConfig& config, ordered_json& object, const RopeFields& fields)
{
    object[fields.theta] = config.ropeTheta;
    if (config.windowRopeTheta) {
        object[kWindowTheta] = *config.windowRopeTheta;
    }
    if (!config.ropeScaling) {
        return;
    }
    const RopeScaling& scaling = *config.ropeScaling;
    if (scaling.linear) {
        object["rope_scaling"] = {{"rope_type", "linear"}, {"factor", scaling.factor}};
        return;
    }
    object["rope_scaling"] = {{"rope_type", "llama3"},
                              {"factor", scaling.factor},
                              {"low_freq_factor", scaling.lowFrequencyFactor},
                              {"high_freq_factor", scaling.highFrequencyFactor},
                              {"original_max_position_embeddings", scaling.originalMaxPositions}};
}

} // namespace dskd::model
