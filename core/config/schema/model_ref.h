#pragma once

// The models of an experiment, by the folders that hold them.

#include <string>

namespace dskd::config
{

enum class StudentInit { Weights, Random };

struct ModelRef {
    std::string model;     // Hugging Face model folder
    std::string tokenizer; // folder of the tokenizer; empty: the model folder
    std::string adapter;   // PEFT LoRA folder that is merged into the weights on loading; empty: none
};

struct StudentConfig : ModelRef {
    StudentInit init = StudentInit::Weights; // Random: architecture from config.json, fresh weights from stream "init"
};

} // namespace dskd::config
