#include "core/model/generate.h"

#include "core/base/random_stream.h"
#include "core/model/decoder.h"
#include "core/model/packed_weights.h"
#include "core/model/sampling.h"
#include "core/model/softcap.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <optional>
#include <span>
#include <string>

// Shapes: B sequences still being continued, T longest prompt, V vocabulary rows.

namespace dskd::model
{
namespace
{
using Answers = std::vector<std::vector<std::int64_t>>;

// Prompts with padding on the left, so that all of them end, and go on, in the same column.
PaddedTokens leftPadded(const std::vector<std::vector<std::int64_t>>& prompts, at::Device device)
{
    std::size_t width = 0;
    for (const auto& prompt : prompts) {
        width = std::max(width, prompt.size());
    }
    const auto rows = static_cast<std::int64_t>(prompts.size());
    at::Tensor ids = at::zeros({rows, static_cast<std::int64_t>(width)}, at::kLong);
    at::Tensor mask = at::zeros(ids.sizes(), at::kBool);
    auto* id = ids.mutable_data_ptr<std::int64_t>();
    auto* present = mask.mutable_data_ptr<bool>();
    for (const auto& prompt : prompts) {
        const std::size_t padding = width - prompt.size();
        std::copy(prompt.begin(), prompt.end(), id + padding);
        std::fill(present + padding, present + width, true);
        id += width;
        present += width;
    }
    return {ids.to(device), mask.to(device)};
}

// What is decided sequence by sequence: which token comes next, and whether it was the last.
class Sequences
{
public:
    Sequences(const std::vector<std::vector<std::int64_t>>& prompts, const GenerateOptions& options,
              std::optional<std::int64_t> positionLimit)
        : m_options(options), m_answers(prompts.size())
    {
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            if (prompts[i].empty()) {
                throw Error("Prompt " + std::to_string(i + 1) + " of " + std::to_string(prompts.size()) +
                                " has no tokens, so there is nothing to continue.",
                            "Give it at least one token, for example the beginning-of-sequence token.");
            }
            const std::string stream = "sampling/" + std::to_string(options.firstIndex + static_cast<std::int64_t>(i));
            m_random.emplace_back(options.seed, stream);
            std::int64_t room = std::max<std::int64_t>(options.maxNewTokens, 0);
            if (positionLimit) {
                // The last new token needs no position of its own: nothing is predicted from it.
                const auto left = *positionLimit - static_cast<std::int64_t>(prompts[i].size()) + 1;
                room = std::min(room, std::max<std::int64_t>(left, 0));
            }
            m_room.push_back(room);
        }
    }

    [[nodiscard]] bool wantsMore(std::size_t sequence) const
    {
        const std::vector<std::int64_t>& answer = m_answers[sequence];
        const bool ended = !answer.empty() && std::find(m_options.eosIds.begin(), m_options.eosIds.end(),
                                                        answer.back()) != m_options.eosIds.end();
        return !ended && static_cast<std::int64_t>(answer.size()) < m_room[sequence];
    }

    // A token for each row of logits (B, V), the rows being those of `active`, appended to their answers.
    std::vector<std::int64_t> draw(const std::vector<std::size_t>& active, const at::Tensor& logits)
    {
        std::vector<double> numbers;
        if (m_options.temperature > 0.0) {
            for (const std::size_t sequence : active) {
                numbers.push_back(m_random[sequence].uniform());
            }
        }
        const at::Tensor tokens =
            drawTokens(logits, {m_options.temperature, m_options.topK, m_options.topP}, numbers).to(at::kCPU);
        const auto* token = tokens.const_data_ptr<std::int64_t>();
        for (std::size_t i = 0; i < active.size(); ++i) {
            m_answers[active[i]].push_back(token[i]);
            if (m_options.onDrawn) {
                m_options.onDrawn(active[i], m_answers[active[i]]);
            }
        }
        return {token, token + tokens.numel()};
    }

    [[nodiscard]] Answers takeAnswers() { return std::move(m_answers); }

private:
    const GenerateOptions& m_options;
    Answers m_answers;
    std::vector<RandomStream> m_random;
    std::vector<std::int64_t> m_room; // new tokens that may be drawn
};

// A model that continues the batch, with the keys and values of what it has read.
struct CachedModel {
    CausalLm& model;
    KeyValueCache cache = {};
    std::optional<PackedModel> packed = {};
};

// For fewer new tokens than this the copies cost about what they save.
constexpr std::int64_t kFewestPackedTokens = 4;

// (B, V) logits after the last position of `ids`, of the head's first `columns` tokens.
at::Tensor nextLogits(CachedModel& cached, const at::Tensor& ids, const at::Tensor& mask, std::int64_t columns)
{
    const at::Tensor hidden = cached.model.hiddenStates(ids, mask, cached.cache);
    const at::Tensor last = hidden.select(1, hidden.size(1) - 1);
    const bool packed = cached.packed && cached.packed->head().takes(last);
    const at::Tensor logits =
        packed ? cached.packed->head().apply(last, {}) : at::linear(last, cached.model.head().narrow(0, 0, columns));
    return softcapped(logits, cached.model.config().headSoftcap);
}

// log((1 - share) softmax(logits) + share softmax(others)), float32
at::Tensor mixed(const at::Tensor& logits, const at::Tensor& others, double share)
{
    const at::Tensor own = at::softmax(logits.to(at::kFloat), 1);
    const at::Tensor other = at::softmax(others.to(own.options()), 1);
    return (own * (1.0 - share) + other * share).log();
}

// The tokens that may be drawn: those of every head, without the rows that stand for no token.
std::int64_t columnsOf(std::span<const CachedModel> models, std::int64_t vocabularySize)
{
    std::int64_t columns = models.front().model.head().size(0);
    for (const CachedModel& each : models) {
        columns = std::min(columns, each.model.head().size(0));
    }
    return vocabularySize > 0 ? std::min(columns, vocabularySize) : columns;
}

std::optional<std::int64_t> positionsOf(std::span<const CachedModel> models)
{
    std::optional<std::int64_t> positions;
    for (const CachedModel& each : models) {
        if (const auto limit = positionLimit(each.model.config())) {
            positions = std::min(positions.value_or(*limit), *limit);
        }
    }
    return positions;
}

// One model, or two: every token is drawn from a mixture in which the second has the weight `share`.
Answers continueAll(std::span<CachedModel> models, double share, const Answers& prompts, const GenerateOptions& options,
                    const std::atomic<bool>* cancel)
{
    const at::NoGradGuard noGrad;
    const std::int64_t columns = columnsOf(models, options.vocabularySize);
    Sequences sequences(prompts, options, positionsOf(models));
    std::vector<std::size_t> active; // sequence number of each row of the batch
    Answers activePrompts;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        if (sequences.wantsMore(i)) {
            active.push_back(i);
            activePrompts.push_back(prompts[i]);
        }
    }
    if (active.empty()) {
        return sequences.takeAnswers();
    }

    if (options.packsWeights && options.maxNewTokens >= kFewestPackedTokens &&
        static_cast<std::int64_t>(active.size()) <= kMostPackedRows) {
        for (CachedModel& each : models) {
            each.packed.emplace(each.model, columns);
        }
    }
    const at::Device device = models.front().model.head().device();
    auto [ids, mask] = leftPadded(activePrompts, device);
    while (!active.empty() && (cancel == nullptr || !cancel->load())) {
        at::Tensor logits_BV = nextLogits(models.front(), ids, mask, columns);
        if (models.size() > 1) {
            logits_BV = mixed(logits_BV, nextLogits(models.back(), ids, mask, columns), share);
        }
        const std::vector<std::int64_t> drawn = sequences.draw(active, logits_BV);
        std::vector<std::int64_t> tokens;
        std::vector<std::int64_t> goingOn; // rows of this batch
        std::vector<std::size_t> stillActive;
        for (std::size_t i = 0; i < active.size(); ++i) {
            if (sequences.wantsMore(active[i])) {
                tokens.push_back(drawn[i]);
                goingOn.push_back(static_cast<std::int64_t>(i));
                stillActive.push_back(active[i]);
            }
        }
        if (stillActive.size() < active.size() && !stillActive.empty()) {
            const at::Tensor rows = at::tensor(goingOn, at::kLong).to(device);
            for (CachedModel& each : models) {
                each.cache.selectSequences(rows);
            }
            mask = mask.index_select(0, rows);
        }
        active = std::move(stillActive);
        ids = at::tensor(tokens, at::kLong).to(device).unsqueeze(1);
        mask = at::cat({mask, at::ones({mask.size(0), 1}, mask.options())}, 1);
    }
    return sequences.takeAnswers();
}
} // namespace

std::vector<std::vector<std::int64_t>> generate(CausalLm& model, const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options, const std::atomic<bool>* cancel)
{
    CachedModel alone[] = {{model}};
    return continueAll(alone, 0.0, prompts, options, cancel);
}

std::vector<std::vector<std::int64_t>> generate(CausalLm& model, const Mixture& other,
                                                const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options, const std::atomic<bool>* cancel)
{
    CachedModel both[] = {{model}, {other.model}};
    return continueAll(both, other.share, prompts, options, cancel);
}

} // namespace dskd::model
