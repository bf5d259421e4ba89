#include "core/model/folder/family_fields.h"

// transformers 4 writes rope_theta and rope_scaling, transformers 5 the one object rope_parameters; for Gemma 3, whose
// two kinds of layers have different bases, rope_local_base_freq beside them or two objects in rope_parameters.

namespace dskd::model
{
namespace
{
using nlohmann::ordered_json;

constexpr double kLargestBase = 1e12;

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

void readRope(ConfigReader& reader, ModelConfig& config)
{
    const bool neoX = config.family == Family::GptNeoX;
    RopeObject rope;
    rope.theta = reader.numberOr(neoX ? "rotary_emb_base" : "rope_theta", 1.0, kLargestBase, config.ropeTheta);
    rope.partialFactor =
        neoX ? reader.numberOr("rotary_pct", 0.0, 1.0, 0.25) : reader.numberOr("partial_rotary_factor", 0.0, 1.0, 1.0);
    if (config.family == Family::Gemma3) {
        config.windowRopeTheta = reader.numberOr("rope_local_base_freq", 1.0, kLargestBase, 10000.0);
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
    if (neoX) {
        // Rounded down, as transformers does.
        config.rotaryWidth = static_cast<std::int64_t>(static_cast<double>(config.headWidth) * rope.partialFactor);
        if (config.rotaryWidth < 2 || config.rotaryWidth % 2 != 0) {
            reader.refuse("positions rotate " + std::to_string(config.rotaryWidth) + " numbers of each head of " +
                          std::to_string(config.headWidth) +
                          " (rotary_pct), but that must be an even number from 2 on");
        }
    } else if (rope.partialFactor != 1.0) {
        reader.refuse("\"partial_rotary_factor\" other than 1 is not supported for " + familyName(config.family));
    }
}

} // namespace dskd::model
