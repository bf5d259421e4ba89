#include "app/workbench/dropped_inputs.h"

#include "core/pairs/known_inputs.h"
#include "core/store/workspace_db.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/window_words.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"

#include <QStringList>
#include <QTabWidget>
#include <system_error>
#include <utility>

namespace dskd::workbench
{
namespace
{

struct Added {
    QStringList models; // by name
    QStringList data;
    std::vector<std::filesystem::path> dataFiles;
    QStringList problems; // a sentence each

    [[nodiscard]] bool any() const { return !models.isEmpty() || !data.isEmpty(); }
};

Result<Added> addAll(const std::filesystem::path& root, const std::vector<std::filesystem::path>& paths,
                     const std::atomic<bool>& cancelled)
{
    auto workspace = store::WorkspaceDb::open(root);
    if (!workspace) {
        return workspace.failure();
    }
    Added added;
    const auto problem = [&added](const std::filesystem::path& path, const Failure& why) {
        const QString sentence = QString::fromStdString(why.text());
        const QString name = QString::fromStdString(path.string());
        added.problems += sentence.contains(name) ? sentence : name + QStringLiteral(": ") + sentence;
    };
    for (const std::filesystem::path& path : paths) {
        if (cancelled) {
            break;
        }
        std::error_code error;
        if (std::filesystem::is_directory(path, error)) {
            if (const auto model = pairs::addModel(*workspace, path)) {
                added.models += ui::shownName(model->name);
            } else {
                problem(path, model.failure());
            }
        } else if (const auto data = pairs::addDataset(*workspace, path)) {
            added.data += ui::shownName(data->name);
            added.dataFiles.push_back(path);
        } else {
            problem(path, data.failure());
        }
    }
    return added;
}

QString sentenceOf(const Added& added)
{
    const QString comma = QStringLiteral(", ");
    QStringList what;
    if (!added.models.isEmpty()) {
        what += DroppedInputs::tr("%1 (%2)").arg(
            ui::counted(added.models.size(), DroppedInputs::tr("model"), DroppedInputs::tr("models")),
            added.models.join(comma));
    }
    if (!added.data.isEmpty()) {
        what += DroppedInputs::tr("%1 (%2)").arg(
            ui::counted(added.data.size(), DroppedInputs::tr("data set"), DroppedInputs::tr("data sets")),
            added.data.join(comma));
    }
    return added.any() ? DroppedInputs::tr("Added to the workspace: %1.").arg(what.join(comma))
                       : DroppedInputs::tr("Nothing was added to the workspace.");
}

} // namespace

DroppedInputs::DroppedInputs(std::filesystem::path workspace, ui::MainWindow& window, ui::PairsPage& pairs)
    : QObject(&window), m_workspace(std::move(workspace)), m_window(window), m_pairs(pairs),
      m_reading(std::make_unique<ui::Background>(QStringLiteral("dropped")))
{
    connect(&window, &ui::MainWindow::pathsDropped, this, &DroppedInputs::add);
}

DroppedInputs::~DroppedInputs() = default;

void DroppedInputs::add(const std::vector<std::filesystem::path>& paths)
{
    m_window.messages().showMessage(
        ui::Tone::Info,
        tr("Reading %1 …")
            .arg(ui::counted(static_cast<std::int64_t>(paths.size()), tr("file or folder"), tr("files and folders"))));
    m_reading->run(
        this,
        [root = m_workspace, paths](const std::atomic<bool>& cancelled) { return addAll(root, paths, cancelled); },
        [this](const Result<Added>& added) {
            if (!added) {
                m_window.messages().showMessage(ui::Tone::Bad, ui::windowWords(added.failure().what),
                                                ui::windowWords(added.failure().hint));
                return;
            }
            const ui::Tone tone = !added->any()               ? ui::Tone::Bad
                                  : added->problems.isEmpty() ? ui::Tone::Good
                                                              : ui::Tone::Info;
            m_window.messages().showMessage(tone, sentenceOf(*added), added->problems.join('\n'));
            if (added->any()) {
                m_window.pages().setCurrentWidget(&m_pairs);
                m_pairs.addPaths(added->dataFiles); // known already; the page turns to them and reads anew
            }
        });
}

} // namespace dskd::workbench
