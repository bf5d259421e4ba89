#include "core/align/chunks.h"

#include <cstddef>

namespace dskd::align
{
namespace
{

// Gives the tokens from `at` up to the last that ends at `end` a number.
void number(std::span<const std::uint32_t> ends, std::size_t& at, std::uint32_t end, std::int64_t chunk,
            std::vector<std::int64_t>& chunks)
{
    for (; at < ends.size() && ends[at] <= end; ++at) {
        chunks.push_back(chunk);
    }
}

// Whether a chunk that ends with token `at` can take in the next one.
bool goesOn(std::span<const std::int64_t> ends, std::size_t at)
{
    return at + 1 < ends.size() && ends[at + 1] >= ends[at];
}

} // namespace

Chunks commonChunks(std::span<const std::uint32_t> teacherEnds, std::span<const std::uint32_t> studentEnds)
{
    Chunks chunks;
    std::int64_t next = 0;
    std::size_t teacherAt = 0; // of the first token without a number
    std::size_t studentAt = 0;
    for (std::size_t i = 0, j = 0; i < teacherEnds.size() && j < studentEnds.size();) {
        if (teacherEnds[i] == studentEnds[j]) {
            const std::uint32_t end = teacherEnds[i];
            number(teacherEnds, teacherAt, end, next, chunks.teacher);
            number(studentEnds, studentAt, end, next, chunks.student);
            ++next;
            i = teacherAt;
            j = studentAt;
        } else if (teacherEnds[i] < studentEnds[j]) {
            ++i;
        } else {
            ++j;
        }
    }
    chunks.teacher.resize(teacherEnds.size(), next);
    chunks.student.resize(studentEnds.size(), next + 1);
    return chunks;
}

Chunks publishedChunks(std::span<const std::int64_t> teacherEnds, std::span<const std::int64_t> studentEnds)
{
    Chunks chunks;
    std::size_t i = 0;
    std::size_t j = 0;
    for (std::int64_t next = 0; i < teacherEnds.size() && j < studentEnds.size(); ++next) {
        while (teacherEnds[i] != studentEnds[j]) {
            const bool teacherIsBehind = teacherEnds[i] < studentEnds[j];
            if (!(teacherIsBehind ? goesOn(teacherEnds, i) : goesOn(studentEnds, j))) {
                break;
            }
            ++(teacherIsBehind ? i : j);
        }
        chunks.teacher.resize(++i, next);
        chunks.student.resize(++j, next);
    }
    chunks.teacher.resize(teacherEnds.size(), -1);
    chunks.student.resize(studentEnds.size(), -2);
    return chunks;
}

} // namespace dskd::align
