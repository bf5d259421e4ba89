#include "core/base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace dskd
{

int editDistance(std::string_view a, std::string_view b)
{
    // Three rows of the optimal-string-alignment table: two back, one back, current.
    std::vector<int> before(b.size() + 1);
    std::vector<int> previous(b.size() + 1);
    std::vector<int> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        previous[j] = static_cast<int>(j);
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({replace, previous[j] + 1, current[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before[j - 2] + 1);
            }
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

std::string nearestName(std::string_view text, std::span<const std::string> candidates)
{
    constexpr std::size_t kLongestName = 100; // beyond that it is no typing mistake
    if (text.empty() || text.size() > kLongestName) {
        return {};
    }
    std::string nearest;
    int least = std::max(1, static_cast<int>(text.size()) / 3) + 1;
    for (const std::string& candidate : candidates) {
        const int distance = editDistance(text, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

} // namespace dskd
