#pragma once

#include <filesystem>
#include <optional>
#include <sys/types.h>
#include <unistd.h>
#include <utility>

namespace dskd::test
{

// Root may read and write everywhere, so while it lives a process of root is one of the user "nobody".
class NotRoot
{
public:
    NotRoot() : m_user(::geteuid())
    {
        if (m_user == 0) {
            constexpr uid_t kNobody = 65534;
            m_dropped = ::seteuid(kNobody) == 0;
        }
    }
    ~NotRoot()
    {
        if (m_dropped) {
            (void)!::seteuid(m_user);
        }
    }
    NotRoot(const NotRoot&) = delete;
    NotRoot& operator=(const NotRoot&) = delete;

private:
    uid_t m_user;
    bool m_dropped = false;
};

// While it lives this process cannot write in `folder` and what is below it. REQUIRES: the folders above let
// everyone in, as /tmp does.
class Unwritable
{
public:
    explicit Unwritable(std::filesystem::path folder) : m_folder(std::move(folder))
    {
        set(std::filesystem::perms::owner_read | std::filesystem::perms::group_read |
            std::filesystem::perms::others_read);
        m_user.emplace();
    }
    ~Unwritable()
    {
        m_user.reset();
        set(std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    Unwritable(const Unwritable&) = delete;
    Unwritable& operator=(const Unwritable&) = delete;

private:
    // Folders can be entered and listed besides.
    void set(std::filesystem::perms files) const
    {
        namespace fs = std::filesystem;
        const fs::perms folders = files | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
        fs::permissions(m_folder, folders | fs::perms::owner_read);
        for (const auto& entry : fs::recursive_directory_iterator(m_folder)) {
            fs::permissions(entry.path(), entry.is_directory() ? folders : files);
        }
    }

    std::filesystem::path m_folder;
    std::optional<NotRoot> m_user;
};

} // namespace dskd::test
