#pragma once

#include <filesystem>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace dskd::test
{

// As long as it lives nothing can be written in these folders, as on a disk that is mounted read-only. Their files keep
// their permissions. For root, whom no permission stops, the test goes on as another user.
class WithoutWriting
{
public:
    explicit WithoutWriting(std::vector<std::filesystem::path> folders) : m_folders(std::move(folders))
    {
        using std::filesystem::perms;
        for (const std::filesystem::path& folder : m_folders) {
            std::filesystem::permissions(folder, perms::owner_read | perms::owner_exec | perms::group_read |
                                                     perms::group_exec | perms::others_read | perms::others_exec);
        }
        constexpr uid_t kNobody = 65534;
        if (geteuid() == 0 && seteuid(kNobody) != 0) {
            throw std::runtime_error("the test cannot give up its rights");
        }
    }
    ~WithoutWriting()
    {
        if (getuid() == 0) {
            [[maybe_unused]] const int back = seteuid(0);
        }
        for (const std::filesystem::path& folder : m_folders) {
            std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
        }
    }
    WithoutWriting(const WithoutWriting&) = delete;
    WithoutWriting& operator=(const WithoutWriting&) = delete;

private:
    std::vector<std::filesystem::path> m_folders;
};

} // namespace dskd::test
