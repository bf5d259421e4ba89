#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace dskd
{

// A folder that is held open, to notice that its path no longer leads to it. Linux: /proc names its new place. Any
// thread.
class HeldFolder
{
public:
    static Result<HeldFolder> open(const std::filesystem::path& path);

    HeldFolder(HeldFolder&& other) noexcept;
    HeldFolder& operator=(HeldFolder&&) = delete;
    ~HeldFolder();

    // Fails, saying whether it was moved (where to) or deleted, when the path leads nowhere or to another folder. A
    // path that cannot be looked up just now is no failure.
    [[nodiscard]] Result<void> check() const;

private:
    HeldFolder(std::filesystem::path path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}

    std::filesystem::path m_path;
    int m_descriptor;
};

} // namespace dskd
