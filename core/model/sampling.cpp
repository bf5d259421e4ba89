#include "core/model/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dskd::model
{
namespace
{
struct Candidate {
    std::int64_t token = 0;
    double weight = 0.0; // probability up to a common factor
};

// Of equals the smaller token comes first, so that an answer does not depend on the sorting algorithm.
bool likelier(const Candidate& a, const Candidate& b)
{
    return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
}

std::vector<Candidate> candidates(std::span<const float> logits, double temperature)
{
    double highest = -std::numeric_limits<double>::infinity();
    for (const float logit : logits) {
        if (std::isfinite(logit)) {
            highest = std::max(highest, static_cast<double>(logit));
        }
    }
    std::vector<Candidate> result;
    result.reserve(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
        if (std::isfinite(logits[i])) {
            result.push_back({static_cast<std::int64_t>(i), std::exp((logits[i] - highest) / temperature)});
        }
    }
    return result;
}

double totalWeight(const std::vector<Candidate>& candidates)
{
    double total = 0.0;
    for (const Candidate& candidate : candidates) {
        total += candidate.weight;
    }
    return total;
}

void keepTopK(std::vector<Candidate>& candidates, std::int64_t topK)
{
    if (topK <= 0 || candidates.size() <= static_cast<std::size_t>(topK)) {
        return;
    }
    std::nth_element(candidates.begin(), candidates.begin() + topK, candidates.end(), likelier);
    candidates.resize(static_cast<std::size_t>(topK));
}

void keepNucleus(std::vector<Candidate>& candidates, double topP)
{
    if (topP >= 1.0) {
        return;
    }
    std::sort(candidates.begin(), candidates.end(), likelier);
    const double enough = topP * totalWeight(candidates);
    double together = 0.0;
    std::size_t kept = 0;
    while (kept < candidates.size() && (kept == 0 || together < enough)) {
        together += candidates[kept].weight;
        ++kept;
    }
    candidates.resize(kept);
}
} // namespace

std::int64_t mostLikely(std::span<const float> logits)
{
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

std::int64_t drawToken(std::span<const float> logits, const SamplingOptions& options, RandomStream& random)
{
    if (options.temperature <= 0.0) {
        return mostLikely(logits);
    }
    std::vector<Candidate> remaining = candidates(logits, options.temperature);
    keepTopK(remaining, options.topK);
    keepNucleus(remaining, options.topP);
    double left = random.uniform() * totalWeight(remaining);
    std::int64_t drawn = 0;
    for (const Candidate& candidate : remaining) {
        if (candidate.weight > 0.0) {
            drawn = candidate.token;
            left -= candidate.weight;
            if (left < 0.0) {
                break;
            }
        }
    }
    return drawn;
}

} // namespace dskd::model
