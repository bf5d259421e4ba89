// The configuration reference. A field that is missing here cannot be configured: tests/unit/core/config compares the
// table with the structs.

#include "core/config/fields.h"

#include "core/config/choices.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace dskd::config
{
namespace
{

using nlohmann::json;

// The numbers a field takes. A bound may be excluded.
struct Range {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    bool leastExcluded = false;
    bool mostExcluded = false;

    [[nodiscard]] bool holds(double value) const
    {
        return std::isfinite(value) && (leastExcluded ? value > least : value >= least) &&
               (mostExcluded ? value < most : value <= most);
    }
    [[nodiscard]] std::string text() const
    {
        std::string result;
        if (std::isfinite(least)) {
            result = (leastExcluded ? "> " : ">= ") + json(least).dump();
        }
        if (std::isfinite(most)) {
            result += (result.empty() ? "" : " and ") + std::string(mostExcluded ? "< " : "<= ") + json(most).dump();
        }
        return result;
    }
};

const Range kAnyNumber;
const Range kPositive{.least = 0, .leastExcluded = true};
const Range kNotNegative{.least = 0};
const Range kUnit{.least = 0, .most = 1};
const Range kUnitWithoutOne{.least = 0, .most = 1, .mostExcluded = true};
const Range kUnitWithoutZero{.least = 0, .most = 1, .leastExcluded = true};
const Range kAtLeastOne{.least = 1};

std::string integerRangeText(const Range& range)
{
    std::string text;
    if (std::isfinite(range.least)) {
        text = ">= " + std::to_string(static_cast<std::int64_t>(range.least));
    }
    return text;
}

bool isValidUtf8(const std::string& text)
{
    try {
        (void)json(text).dump();
        return true;
    } catch (const json::exception&) {
        return false;
    }
}

// A whole number that fits the type, also when written as 1e3 or 100.0.
template <typename Integer>
std::optional<Integer> wholeNumber(const json& value)
{
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        return std::in_range<Integer>(number) ? std::optional(static_cast<Integer>(number)) : std::nullopt;
    }
    if (value.is_number_integer()) {
        const auto number = value.get<std::int64_t>();
        return std::in_range<Integer>(number) ? std::optional(static_cast<Integer>(number)) : std::nullopt;
    }
    if (value.is_number_float()) {
        constexpr double kExact = 9007199254740992.0; // 2^53: whole numbers beyond are not exact in JSON's doubles
        const double number = value.get<double>();
        if (std::nearbyint(number) == number && std::abs(number) <= kExact &&
            (std::is_signed_v<Integer> || number >= 0)) {
            return static_cast<Integer>(number);
        }
    }
    return std::nullopt;
}

class Table
{
public:
    std::vector<Field> rows;

    template <typename Access>
    void number(std::string path, Access access, Range range, std::string explanation)
    {
        const std::string allowed = range.text();
        add(
            std::move(path), "number", allowed, {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access, range, allowed](Experiment& e, const json& value) -> std::optional<std::string> {
                if (!value.is_number() || !range.holds(value.get<double>())) {
                    return "must be a number" + (allowed.empty() ? "" : " " + allowed);
                }
                access(e) = value.get<double>();
                return std::nullopt;
            });
    }

    template <typename Access>
    void integer(std::string path, Access access, Range range, std::string explanation)
    {
        using Integer = std::remove_reference_t<decltype(access(std::declval<Experiment&>()))>;
        const std::string allowed = integerRangeText(range);
        add(
            std::move(path), "integer", allowed, {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access, range, allowed](Experiment& e, const json& value) -> std::optional<std::string> {
                const auto number = wholeNumber<Integer>(value);
                if (!number || !range.holds(static_cast<double>(*number))) {
                    return "must be a whole number" + (allowed.empty() ? "" : " " + allowed);
                }
                access(e) = *number;
                return std::nullopt;
            });
    }

    template <typename Access>
    void boolean(std::string path, Access access, std::string explanation)
    {
        add(
            std::move(path), "boolean", "true | false", {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access](Experiment& e, const json& value) -> std::optional<std::string> {
                if (!value.is_boolean()) {
                    return "must be true or false";
                }
                access(e) = value.get<bool>();
                return std::nullopt;
            });
    }

    template <typename Access>
    void text(std::string path, Access access, std::string explanation)
    {
        add(
            std::move(path), "string", "", {}, std::move(explanation),
            [access](const Experiment& e) -> json { return access(e); },
            [access](Experiment& e, const json& value) -> std::optional<std::string> {
                if (!value.is_string()) {
                    return "must be a text in quotes";
                }
                auto read = value.get<std::string>();
                if (!isValidUtf8(read)) {
                    return "must be valid UTF-8";
                }
                access(e) = std::move(read);
                return std::nullopt;
            });
    }

    template <typename Access>
    void file(std::string path, Access access, std::string explanation)
    {
        text(std::move(path), access, std::move(explanation));
        rows.back().isPath = true;
        rows.back().info.allowed = "a path, relative to the configuration file";
    }

    template <typename Access>
    void choice(std::string path, Access access, std::string explanation)
    {
        using Enum = std::remove_reference_t<decltype(access(std::declval<Experiment&>()))>;
        std::vector<std::string> names;
        std::string allowed;
        for (const Choice<Enum>& row : choicesOf<Enum>()) {
            names.emplace_back(row.name);
            allowed += (allowed.empty() ? "" : " | ") + names.back();
        }
        add(
            std::move(path), "choice", allowed, std::move(names), std::move(explanation),
            [access](const Experiment& e) -> json { return name(access(e)); },
            [access, allowed](Experiment& e, const json& value) -> std::optional<std::string> {
                if (value.is_string()) {
                    for (const Choice<Enum>& row : choicesOf<Enum>()) {
                        if (row.name == value.get_ref<const std::string&>()) {
                            access(e) = row.value;
                            return std::nullopt;
                        }
                    }
                }
                return "must be one of " + allowed;
            });
    }

private:
    void add(std::string path, std::string type, std::string allowed, std::vector<std::string> choices,
             std::string explanation, decltype(Field::read) read, decltype(Field::write) write)
    {
        Field field;
        field.info = {std::move(path),    std::move(type),    read(Experiment{}).dump(),
                      std::move(allowed), std::move(choices), std::move(explanation)};
        field.read = std::move(read);
        field.write = std::move(write);
        rows.push_back(std::move(field));
    }
};

// An accessor that serves reading and writing: FIELD(train.lr) gives e.train.lr as a reference of e's constness.
#define FIELD(member)                                                                                                  \
    [](auto& e) -> auto&                                                                                               \
    {                                                                                                                  \
        return e.member;                                                                                               \
    }

std::vector<Field> makeTable()
{
    Table t;
    t.integer("version", FIELD(version), {.least = 1, .most = kExperimentVersion},
              "Version of the configuration format; this program writes and reads version 1.");
    t.choice("job", FIELD(job), "What the worker does: train a student, evaluate a model, or generate answers.");
    t.text("name", FIELD(name), "What the run is called in tables; empty: made from the method and the seed.");
    t.text("group", FIELD(group), "Runs of one group are shown together.");
    t.integer("seed", FIELD(seed), kNotNegative,
              "Everything random (projectors, dropout, order of the data, sampling) follows from it.");

    t.file("student.model", FIELD(student.model), "Hugging Face model folder of the student.");
    t.file("student.tokenizer", FIELD(student.tokenizer), "Folder of its tokenizer; empty: the model folder.");
    t.choice("student.init", FIELD(student.init),
             "Start from the folder's weights, or from random ones with only the architecture of its config.json.");
    t.file("teacher.model", FIELD(teacher.model), "Hugging Face model folder of the teacher; empty: none (SFT).");
    t.file("teacher.tokenizer", FIELD(teacher.tokenizer), "Folder of its tokenizer; empty: the model folder.");

    t.file("data.train", FIELD(data.train), "JSONL file to train on.");
    t.file("data.validation", FIELD(data.validation), "JSONL file for validation loss and ROUGE-L; empty: none.");
    t.choice("data.format", FIELD(data.format), "Field names of the JSONL records; auto looks at the first one.");
    t.choice("data.template", FIELD(data.promptTemplate), "How instruction and input become the prompt.");
    t.text("data.custom_template", FIELD(data.customTemplate),
           "The prompt with {instruction} and {input} in it, for data.template custom.");
    t.integer("data.max_prompt_length", FIELD(data.maxPromptLength), kAtLeastOne, "Longest prompt in tokens.");
    t.integer("data.max_length", FIELD(data.maxLength), {.least = 2},
              "Longest sample in tokens: prompt, response and end of text.");
    t.choice("data.truncate_prompt", FIELD(data.truncatePrompt),
             "The side that is cut from a prompt that is too long.");
    t.choice("data.loss_on", FIELD(data.lossOn),
             "Which tokens are trained on: the response, or all (plain language modelling).");
    t.integer("data.limit", FIELD(data.limit), kNotNegative, "First N records of the training file; 0: all.");
    t.integer("data.validation_limit", FIELD(data.validationLimit), kNotNegative,
              "First N records of the validation file; 0: all.");

    t.choice("method.objective", FIELD(method.objective), "Plain fine-tuning (sft) or distillation (kd).");
    t.choice("method.space", FIELD(method.space),
             "Where the distributions are compared: each through its own head (diff), through the student's head, "
             "through the teacher's head, or both (dual).");
    t.choice(
        "method.alignment", FIELD(method.alignment),
        "How the tokens of two tokenizers are brought together: none (same tokenizer), cross-model attention (cma), "
        "exact tokens by bytes (eta) or as published (eta-published), attention within chunks of equal text (cla), "
        "uniform weights within them (clp), or place in the answer (position).");
    t.choice("method.distance", FIELD(method.distance), "Distance in the student space and in different spaces.");
    t.choice("method.teacher_distance", FIELD(method.teacherDistance),
             "Distance in the teacher space; the paper fixes kl.");
    t.number("method.temperature", FIELD(method.temperature), kPositive, "Divides both sides' logits in KD terms.");
    t.number("method.teacher_temperature", FIELD(method.teacherTemperature), kPositive,
             "Divides the target logits of CMA's student-space term once more.");
    t.boolean("method.temperature_squared", FIELD(method.temperatureSquared),
              "Multiplies KD terms by the square of the temperature; the paper does not.");
    t.number("method.kd_rate", FIELD(method.kdRate), kUnit, "Weight of the KD loss; 1 - kd_rate weighs the NLL.");
    t.number("method.skew_lambda", FIELD(method.skewLambda), kUnitWithoutOne, "Mixture weight of skl and srkl.");
    t.number("method.adaptive_alpha", FIELD(method.adaptiveAlpha), kUnit,
             "Probability mass that separates head and tail in akl.");
    t.number("method.beta", FIELD(method.beta), kUnit,
             "Weight of the reverse part of sym, and the teacher's share of the mixture of gjs.");
    t.choice("method.t2s_target", FIELD(method.t2sTarget),
             "Tokens that the projected teacher is taught: the answer's (gold), or those that the teacher itself finds "
             "most probable (teacher, DSKD v2).");
    t.boolean("method.agreement_mask", FIELD(method.agreementMask),
              "Student-space KD only where the projected teacher predicts its label (DSKD v2).");
    t.number("method.agreement_threshold", FIELD(method.agreementThreshold), kUnit,
             "Share of agreeing rows above which the agreement mask is off.");
    t.boolean("method.correctness_mask", FIELD(method.correctnessMask),
              "CMA: student-space KD only where the projected teacher predicts the right token.");

    t.number("on_policy.ratio", FIELD(onPolicy.ratio), kUnit,
             "Share of the micro-batches that are distilled on answers of the student's own; 0: off.");
    t.number("on_policy.start_epoch", FIELD(onPolicy.startEpoch), kNotNegative,
             "Epoch from which the student's own answers are used.");
    t.integer("on_policy.max_new_tokens", FIELD(onPolicy.maxNewTokens), kAtLeastOne,
              "Longest answer that the student gives for distilling.");
    t.number("on_policy.temperature", FIELD(onPolicy.temperature), kNotNegative,
             "Sampling temperature of those answers; 0: greedy.");
    t.number("on_policy.top_p", FIELD(onPolicy.topP), kUnitWithoutZero,
             "Sample them from the smallest set of tokens with this probability; 1: all.");
    t.integer("on_policy.top_k", FIELD(onPolicy.topK), kNotNegative,
              "Sample them from the k most likely tokens; 0: all.");

    t.number("projector.lr", FIELD(projector.lr), kNotNegative, "Learning rate of the projectors.");
    t.number("projector.weight_decay", FIELD(projector.weightDecay), kNotNegative, "Weight decay of the projectors.");
    t.choice("projector.init", FIELD(projector.init),
             "Random weights, or the pseudo-inverse that carries one head into the other (pinv, DSKD v2).");
    t.boolean("projector.bias", FIELD(projector.bias), "Projectors with a bias; those of DSKD v2 have none.");
    t.choice("projector.s2t", FIELD(projector.s2t),
             "The projector into the teacher's space: trained, recomputed from the student's current head (tracked, "
             "DSKD v2), or kept as it was initialised (frozen).");
    t.integer("projector.top_vocabulary", FIELD(projector.topVocabulary), kNotNegative,
              "Pseudo-inverse of the first K common tokens only; 0: of all.");
    t.number("projector.rcond", FIELD(projector.rcond), kUnitWithoutOne,
             "Singular values below this share of the largest count as 0 in the pseudo-inverse; 0: by the precision.");

    t.integer("train.steps", FIELD(train.steps), kNotNegative, "Optimizer steps; 0: as many as train.epochs needs.");
    t.number("train.epochs", FIELD(train.epochs), kNotNegative,
             "Passes over the training data, when train.steps is 0.");
    t.integer("train.batch_size", FIELD(train.batchSize), kAtLeastOne, "Samples per micro-batch.");
    t.integer("train.accumulation", FIELD(train.accumulation), kAtLeastOne, "Micro-batches per optimizer step.");
    t.number("train.lr", FIELD(train.lr), kNotNegative, "Peak learning rate of the student.");
    t.number("train.min_lr", FIELD(train.minLr), kNotNegative, "Where the cosine schedule ends.");
    t.choice("train.schedule", FIELD(train.schedule), "Course of the learning rate after the warm-up.");
    t.integer("train.warmup_steps", FIELD(train.warmupSteps), kNotNegative, "Steps of linear rise from 0 to train.lr.");
    t.number("train.weight_decay", FIELD(train.weightDecay), kNotNegative,
             "AdamW's weight decay; not applied to biases and norms.");
    t.number("train.beta1", FIELD(train.beta1), kUnitWithoutOne, "AdamW's decay of the first moment.");
    t.number("train.beta2", FIELD(train.beta2), kUnitWithoutOne, "AdamW's decay of the second moment.");
    t.number("train.epsilon", FIELD(train.epsilon), kPositive, "AdamW's guard against division by zero.");
    t.number("train.clip_norm", FIELD(train.clipNorm), kNotNegative, "Largest norm of the gradient; 0: no clipping.");
    t.number("train.dropout", FIELD(train.dropout), {.most = 1, .mostExcluded = true},
             "Replaces the model's dropout; negative: keep what its config.json says.");
    t.choice("train.precision", FIELD(train.precision),
             "Arithmetic of the models; bf16 keeps fp32 master weights in the optimizer.");
    t.choice("train.device", FIELD(train.device), "Where it runs; auto takes a GPU when there is one.");
    t.integer("train.threads", FIELD(train.threads), kNotNegative, "CPU threads of the worker; 0: all.");
    t.integer("train.chunk_rows", FIELD(train.chunkRows), kAtLeastOne,
              "Response rows per chunk of the loss: fewer need less memory, more are faster.");

    t.integer("log.probe_samples", FIELD(log.probeSamples), kNotNegative,
              "Validation samples whose attention and structure distances are recorded.");
    t.integer("log.probe_every", FIELD(log.probeEvery), kNotNegative, "Steps between such recordings; 0: never.");

    t.integer("validation.every", FIELD(validation.every), kNotNegative,
              "Steps between validations; 0: only at the end.");
    t.integer("validation.generate_samples", FIELD(validation.generateSamples), kNotNegative,
              "Answers generated and scored by ROUGE-L at each validation.");
    t.integer("validation.max_new_tokens", FIELD(validation.maxNewTokens), kAtLeastOne, "Longest generated answer.");
    t.number("validation.temperature", FIELD(validation.temperature), kNotNegative,
             "Sampling temperature of generated answers; 0: greedy.");
    t.number("validation.top_p", FIELD(validation.topP), kUnitWithoutZero,
             "Sample from the smallest set of tokens with this probability; 1: all.");
    t.integer("validation.top_k", FIELD(validation.topK), kNotNegative,
              "Sample from the k most likely tokens; 0: all.");

    t.integer("checkpoint.every", FIELD(checkpoint.every), kNotNegative,
              "Steps between checkpoints; 0: only at the end and when stopped.");
    t.integer("checkpoint.keep", FIELD(checkpoint.keep), kAtLeastOne,
              "Older checkpoints are deleted; the last and the best by validation loss stay.");

    t.file("evaluate.data", FIELD(evaluate.data), "JSONL file to evaluate on, or whose prompts to answer.");
    t.text("evaluate.prompt", FIELD(evaluate.prompt), "One prompt instead of a file; used as it is, without template.");
    t.integer("evaluate.limit", FIELD(evaluate.limit), kNotNegative, "First N records of the file; 0: all.");
    t.file("evaluate.output", FIELD(evaluate.output), "JSONL file for the answers; empty: answers.jsonl in the run.");
    return std::move(t.rows);
}

#undef FIELD

} // namespace

const std::vector<Field>& fields()
{
    static const std::vector<Field> table = makeTable();
    return table;
}

const Field* findField(std::string_view path)
{
    for (const Field& field : fields()) {
        if (field.info.path == path) {
            return &field;
        }
    }
    return nullptr;
}

} // namespace dskd::config
