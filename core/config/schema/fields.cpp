// The configuration reference. A field that is missing here cannot be configured: tests/unit/core/config compares the
// table with the structs. The fields of the method are in method_fields.cpp.

#include "core/config/schema/field_rows.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace dskd::config
{
namespace
{

using namespace rows;

void addShortNames(std::vector<Field>& table)
{
    for (Field& field : table) {
        const std::string tail(lastPart(field.info.path));
        const auto isMeant = [&](const Field& other) {
            return other.info.path == tail || other.info.path.ends_with("." + tail);
        };
        const bool ambiguous = std::count_if(table.begin(), table.end(), isMeant) > 1;
        field.info.shortName = ambiguous ? field.info.path : tail;
    }
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
    t.file("student.adapter", FIELD(student.adapter),
           "PEFT LoRA folder that is merged into the student's weights before training; empty: none.");
    t.file("teacher.model", FIELD(teacher.model), "Hugging Face model folder of the teacher; empty: none (SFT).");
    t.file("teacher.tokenizer", FIELD(teacher.tokenizer), "Folder of its tokenizer; empty: the model folder.");
    t.file("teacher.adapter", FIELD(teacher.adapter),
           "PEFT LoRA folder that is merged into the teacher's weights; empty: none.");

    t.file("data.train", FIELD(data.train), "JSONL file to train on.");
    t.file("data.validation", FIELD(data.validation), "JSONL file for validation loss and ROUGE-L; empty: none.");
    t.choice("data.format", FIELD(data.format), "Field names of the JSONL records; auto looks at the first one.");
    t.choice("data.template", FIELD(data.promptTemplate),
             "How instruction and input become the prompt; chat takes the template of each model's tokenizer.");
    t.text("data.custom_template", FIELD(data.customTemplate),
           "The prompt with {instruction} and {input} in it, for data.template custom.");
    t.integer("data.max_prompt_length", FIELD(data.maxPromptLength), kAtLeastOne, "Longest prompt in tokens.");
    t.integer("data.max_length", FIELD(data.maxLength), {.least = 2},
              "Longest sample in tokens: prompt, response and end of text.");
    t.choice("data.truncate_prompt", FIELD(data.truncatePrompt),
             "The side that is cut from a prompt that is too long.");
    t.choice("data.loss_on", FIELD(data.lossOn),
             "Which tokens are trained on: the response, or all (plain language modelling).");
    t.text("data.system_prompt", FIELD(data.systemPrompt),
           "The system message of chat templates; empty: their own default, if they have one.");
    t.choice("data.answers", FIELD(data.answers),
             "Whose answers are trained on. The teacher gives its own before training, as validation.max_new_tokens, "
             ".temperature, .top_p and .top_k set.");
    t.integer("data.limit", FIELD(data.limit), kNotNegative, "First N records of the training file; 0: all.");
    t.integer("data.validation_limit", FIELD(data.validationLimit), kNotNegative,
              "First N records of the validation file; 0: all.");

    addMethodFields(t);

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
             "Replaces the model's dropout; negative: keep the value of its config.json.");
    t.choice("train.fine_tuning", FIELD(train.fineTuning),
             "All weights of the student learn (full), or low-rank updates of its linear layers (lora).");
    t.boolean("train.freeze_embeddings", FIELD(train.freezeEmbeddings),
              "Keeps the input embedding, and a head that is tied to it, as it is.");
    t.boolean("train.gradient_checkpointing", FIELD(train.gradientCheckpointing),
              "Computes activations again in the backward pass: less memory, about a third more time.");
    t.choice("train.precision", FIELD(train.precision),
             "Arithmetic of the models; bf16 keeps fp32 master weights in the optimizer.");
    t.choice("train.device", FIELD(train.device), "Where it runs; auto takes a GPU when there is one.");
    t.integer("train.threads", FIELD(train.threads), kNotNegative,
              "CPU threads of the worker; 0: as many as it may use, divided among the workers at work.");
    t.integer("train.chunk_rows", FIELD(train.chunkRows), kAtLeastOne,
              "Response rows per chunk of the loss: fewer need less memory, more are faster.");

    t.integer("lora.rank", FIELD(lora.rank), kAtLeastOne, "Rank of the low-rank updates.");
    t.number("lora.alpha", FIELD(lora.alpha), kPositive, "The update is scaled by alpha / rank.");
    t.number("lora.dropout", FIELD(lora.dropout), kUnitWithoutOne, "Dropout of what goes into the update.");
    t.text(
        "lora.targets", FIELD(lora.targets),
        "Names of the linear layers, separated by commas; all-linear: every linear layer of the blocks; empty: PEFT's "
        "default for the family.");
    t.choice("lora.saved", FIELD(lora.saved),
             "Whether checkpoints hold a whole model (merged) or a PEFT folder with the update alone (adapter).");

    t.integer("log.probe_samples", FIELD(log.probeSamples), kNotNegative,
              "Validation samples whose attention and representation spaces are recorded.");
    t.text(
        "log.probe_lines", FIELD(log.probeLines),
        "Lines of the validation file whose samples these are, for example 3, 17, 40-42 (the first line is 1; of the "
        "training file where there is no validation); empty: the first log.probe_samples.");
    t.integer("log.probe_every", FIELD(log.probeEvery), kNotNegative, "Steps between such recordings; 0: never.");
    t.integer("log.map_tokens", FIELD(log.mapTokens), kNotNegative,
              "Tokens of each side that a recorded map holds at most, from the first on; 0: all of the sample. With "
              "attention each recording writes two maps of each sample; one of 512 x 512 tokens takes 0.5 MB of the "
              "run's database, one of 1024 x 1024 takes 2 MB.");
    t.file("log.probe_teacher", FIELD(log.probeTeacher),
           "Model folder that these recordings compare with where the method has no teacher; nothing is learned from "
           "it. Empty: none.");
    t.integer("log.gradient_norm_every", FIELD(log.gradientNormEvery), kNotNegative,
              "Steps between recordings of the gradient norm of each term of the loss by the student's weights; 0: "
              "never. A recording takes a backward pass of one micro-batch for each term; what is trained does not "
              "change.");

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
    t.file("evaluate.output", FIELD(evaluate.output),
           "JSONL file that gets the answers beside answers.jsonl in the run.");
    t.boolean("evaluate.overwrite", FIELD(evaluate.overwrite),
              "Replace the answers in evaluate.output if it is there already.");
    addShortNames(t.rows);
    return std::move(t.rows);
}

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
