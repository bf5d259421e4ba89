#pragma once

#include <QObject>
#include <filesystem>
#include <string>

class QWidget;

namespace dskd::ui
{

// Asks for a folder and has `dskd export` write the student there, in a process of its own. Deletes itself when it is
// done. GUI thread only.
class StudentExport final : public QObject
{
    Q_OBJECT
public:
    StudentExport(std::filesystem::path workspace, std::string runId, QObject* parent);

    void ask(QWidget* window);
    void exportTo(const QString& folder);

Q_SIGNALS:
    void finished(bool done, const QString& what, const QString& hint);

private:
    std::filesystem::path m_workspace;
    std::string m_run;
};

} // namespace dskd::ui
