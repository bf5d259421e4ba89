#pragma once

#include <string>
#include <string_view>

namespace dskd::score
{

// The stem of a lower-case word, by M. Porter's algorithm ("An algorithm for suffix stripping", Program 14.3, 1980)
// with the deviations of NLTK's PorterStemmer in its default mode, which rouge_score uses. Characters other than a-z
// count as consonants. Words of one or two characters are their own stems.
[[nodiscard]] std::string porterStem(std::string_view word);

} // namespace dskd::score
