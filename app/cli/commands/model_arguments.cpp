// The words of the commands that work with trained models, and of the demo.

#include "app/cli/command_line.h"
#include "app/cli/commands/demo.h"
#include "app/cli/commands/eval_generate.h"

namespace dskd::cli
{

namespace
{

void addShared(CLI::App& command, ModelJobOptions& o)
{
    command
        .add_option("model", o.model,
                    "A run (id, name, \"last\": the newest training run) or a Hugging Face model folder")
        ->type_name("RUN|MODELDIR")
        ->required();
    command.add_option("--step", o.step, "Checkpoint of the run (default: the newest)")->type_name("N");
    command.add_option("--limit", o.limit, "Only the first N records of the data")->type_name("N");
    command.add_option("--to", o.output, "Also write the answers to this JSONL file")->type_name("FILE");
    command.add_option("--max-new-tokens", o.maxNewTokens, "Length of an answer")->type_name("N");
    command.add_option("--temperature", o.temperature, "0: greedy")->type_name("X");
    command.add_option("--seed", o.seed, "For sampling")->type_name("N");
    command.add_option("--set", o.sets, "Change a field, for example train.device=cpu; may be repeated")
        ->type_name("FIELD=VALUE")
        ->allow_extra_args(false);
}

void addEval(CommandLine& line)
{
    line.add<ModelJobOptions>(
        "eval", "Loss, accuracy and ROUGE-L of a student on held-out data",
        "dskd eval last --data test.jsonl --limit 200",
        [](CLI::App& command, ModelJobOptions& o) {
            addShared(command, o);
            command.add_option("--data", o.data, "JSONL to evaluate on")->type_name("FILE")->required();
        },
        [&line](const ModelJobOptions& o) { return runEvaluate(o, line.console()); });
}

void addGenerate(CommandLine& line)
{
    line.add<ModelJobOptions>(
        "generate", "Let a model answer", "dskd generate last --prompt \"What is distillation?\"",
        [](CLI::App& command, ModelJobOptions& o) {
            addShared(command, o);
            auto* prompt = command.add_option("--prompt", o.prompt, "One prompt, used as it is")->type_name("TEXT");
            command
                .add_option("--data", o.data,
                            "JSONL of prompts. The file of --to is one to train on again: a teacher's answers to the "
                            "training data, named in data.train of an SFT run, are sequence-level distillation in two "
                            "steps (data.answers=teacher does both)")
                ->type_name("FILE")
                ->excludes(prompt);
        },
        [&line](const ModelJobOptions& o) { return runGenerate(o, line.console()); });
}

void addDemo(CommandLine& line)
{
    line.add<DemoOptions>(
        "demo", "Distil the demo teacher in several ways and write a report that compares them", "dskd demo --quick",
        [](CLI::App& command, DemoOptions& o) {
            command.add_flag("--quick", o.quick, "A short version with one seed");
            command.add_flag("--again", o.again, "Run everything once more");
            command.add_flag("--prepare", o.prepare, "Only make the workspace and queue its runs");
            command.add_option("--seeds", o.seeds, "Seeds, for example 10,20,30")->type_name("N,N,…");
        },
        [&line](const DemoOptions& o) { return runDemo(o, line.console()); });
}

} // namespace

void addModelCommands(CommandLine& line)
{
    addEval(line);
    addGenerate(line);
    addDemo(line);
}

} // namespace dskd::cli
