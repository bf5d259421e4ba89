#pragma once

// A tokenizer of as many tokens as the tiny models have rows of the head.

#include "tests/support/fake_tokenizer.h"
#include "tests/support/tiny_training.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dskd::train
{

inline std::shared_ptr<const tokenizer::Tokenizer> words()
{
    std::vector<std::string> pieces;
    for (std::int64_t i = 0; i < test::kTinyVocabulary; ++i) {
        pieces.push_back(std::to_string(i) + "t");
    }
    return std::make_shared<test::FakeTokenizer>(pieces, "</s>");
}

} // namespace dskd::train
