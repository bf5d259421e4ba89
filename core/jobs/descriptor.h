#pragma once

#include "core/base/result.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <unistd.h>

namespace dskd::jobs
{

// A file descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int number = -1) : m_number(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }
    void close()
    {
        if (m_number >= 0) {
            ::close(m_number);
        }
        m_number = -1;
    }

private:
    int m_number;
};

// With the system's reason (errno).
inline Failure systemFailure(const std::string& what)
{
    return {what + ": " + std::strerror(errno) + ".", {}};
}

} // namespace dskd::jobs
