#pragma once

// What sets a family of models apart, as one row: the fields of its config.json, its weights, its norms. A family is
// one file beside this one and its name in families.cpp; all else asks the row and knows no family by name.

#include "core/model/folder/config_reader.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/tensor_specs.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>

namespace dskd::model
{

class TensorList;

// The class of core/model that computes a family: gpt2.h, gpt_neox.h or llama.h.
enum class Architecture { Gpt2, GptNeoX, Llama };

// How a family's norm multiplies by its weight; the kinds of RMSNorm round differently in low precision.
enum class NormWeight {
    Rounded,   // what was divided is rounded to the input's type first
    Unrounded, // rounded once, after the multiplication
    OnePlus,   // by one plus the weight, rounded once
    None,      // not at all: LayerNorm without weight and bias
};

// Where the norms of a block are: of what its two sub-layers read, of what they add, or of both.
enum class NormPlace { Before, After, Around };

// The norm of queries and keys: of every head by itself, or of all heads of a position together.
enum class QueryKeyNorm { None, EachHead, AllHeads };

// The fields and weights that Llama-like families have in common (llama_like.cpp).
void readLlamaLike(ConfigReader& reader, ModelConfig& config);
void writeLlamaLike(const ModelConfig& config, nlohmann::ordered_json& object);
void addLlamaLikeTensors(const ModelConfig& config, TensorList& tensors);

struct Family {
    const char* modelType = "";     // "model_type" of config.json: "qwen2"
    const char* architectures = ""; // the class in "architectures": "Qwen2ForCausalLM"
    Architecture architecture = Architecture::Llama;

    // config.json beyond the fields that all families have (model_config.cpp). Reading fills in `config`, with the
    // defaults that transformers takes for absent fields, and refuses through the reader what the model would compute
    // differently; writing adds to `object`.
    void (*read)(ConfigReader& reader, ModelConfig& config) = readLlamaLike;
    void (*write)(const ModelConfig& config, nlohmann::ordered_json& object) = writeLlamaLike;
    bool tiesHead = false; // where tie_word_embeddings is absent

    // Weights. Names begin with `prefix`, which a bare AutoModel leaves out, and in blocks with `blocks` after it.
    void (*addTensors)(const ModelConfig& config, TensorList& tensors) = addLlamaLikeTensors; // all but the head
    const char* prefix = "model.";
    const char* blocks = "layers.";
    const char* head = "lm_head.weight";
    WeightLayout layout = WeightLayout::OutIn;
    bool learnedPositions = false; // an embedding of maxPositions rows in place of rotations
    std::array<const char*, 3> constants{".rotary_emb.inv_freq"}; // name endings that old files hold and no model needs
    const char* loraTargets = "q_proj,v_proj";                    // where lora.targets is empty: PEFT's default

    // ---- From here on for Llama-like families only.

    // Fields beyond those of llama_like.cpp.
    void (*readMore)(ConfigReader& reader, ModelConfig& config) = nullptr;
    void (*writeMore)(const ModelConfig& config, nlohmann::ordered_json& object) = nullptr;

    // transformers' defaults of fields that config.json does not mention.
    std::int64_t keyValueHeads = 0; // 0: as many as heads
    std::int64_t headWidth = 0;     // 0: width / heads
    std::int64_t maxPositions = 2048;
    double normEpsilon = 1e-6;
    double ropeTheta = 10000.0;

    // Fields that only some have, with transformers' defaults; nothing: the family has no such field.
    std::optional<double> windowRopeTheta = std::nullopt;   // rope_local_base_freq
    std::optional<std::int64_t> queryScalar = std::nullopt; // query_pre_attn_scalar
    std::optional<double> attentionSoftcap = std::nullopt;  // attn_logit_softcapping; 0: null
    std::optional<double> headSoftcap = std::nullopt;       // final_logit_softcapping; 0: null
    const char* normEpsilonField = "rms_norm_eps";          // nullptr: always normEpsilon
    bool attentionBiasField = false;                        // attention_bias: biases in q, k, v and o
    bool mlpBiasField = false;                              // mlp_bias

    // The activation's field, its name where the field is absent, and another name for the same.
    const char* activationField = "hidden_act";
    const char* activation = "silu";
    const char* activationAlias = "swish";

    bool writesPadId = false; // pad_token_id as null: transformers' default may lie beyond a small vocabulary

    // What is computed.
    NormWeight normWeight = NormWeight::Rounded;
    NormPlace normPlace = NormPlace::Before;
    QueryKeyNorm queryKeyNorm = QueryKeyNorm::None;
    bool queryKeyValueBias = false; // in q, k and v, always
    bool fusedProjections = false;  // one matrix for query, key and value, one for gate and up
    bool scalesEmbedding = false;   // by the square root of the width
};

// All rows, in the order in which messages list them.
[[nodiscard]] std::span<const Family* const> families();

} // namespace dskd::model
