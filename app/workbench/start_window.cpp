#include "app/workbench/start_window.h"

#include "app/demo/demo_files.h"
#include "app/demo/demo_runs.h"
#include "app/workbench/compose.h"
#include "app/workbench/recent_workspaces.h"
#include "core/base/result.h"
#include "core/jobs/queue_launch.h"
#include "core/store/workspace_db.h"
#include "ui/feed/background.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QCheckBox>
#include <QCommandLinkButton>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGroupBox>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QStandardPaths>
#include <QStyle>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <filesystem>

namespace dskd::workbench
{

namespace
{

constexpr int kWidth = 560;
constexpr int kWidestColumn = 720; // of its text and buttons, on whatever screen
constexpr int kHighest = 560;      // at first; it fits on a screen of 1024 x 600
constexpr int kLeastRecent = 110;
constexpr int kDemoMinutes = 5; // experiments/demo/README.md has the measurement

// Where the demo's one button makes its workspace.
QString demoFolder()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::HomeLocation)).filePath(QStringLiteral("dskd-demo"));
}

Result<std::filesystem::path> makeDemo(const std::filesystem::path& folder, bool quick)
{
    const demo::DemoPlan plan = demo::planDemo(demo::findDemo().value(), {quick, {}});
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder).value();
    demo::queueDemo(workspace, plan, false);
    (void)jobs::launchQueueRunner(workspace.layout().root).value();
    return workspace.layout().root;
}

// The one folder that is dragged; empty: something else is.
QString draggedFolder(const QMimeData& data)
{
    const QList<QUrl> urls = data.urls();
    const QString path = urls.size() == 1 ? urls.first().toLocalFile() : QString();
    return QFileInfo(path).isDir() ? path : QString();
}

QLabel* centred(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    return label;
}

} // namespace

StartWindow::StartWindow(const QString& trouble, QWidget* parent)
    : QWidget(parent), m_background(std::make_unique<ui::Background>("start")), m_text(centred({}, this)),
      m_demo(new QPushButton(tr("&Try the demo"), this)), m_quick(new QCheckBox(tr("&Short version"), this))
{
    setWindowTitle(tr("DSKD Workbench"));
    setWindowIcon(QIcon(":/icons/dskd.svg"));
    setAcceptDrops(true);
    auto* picture = centred({}, this);
    picture->setPixmap(QIcon(":/icons/dskd.svg").pixmap(72, 72));
    auto* name = centred(tr("DSKD Workbench"), this);
    name->setFont(ui::titleFont());
    if (trouble.isEmpty()) {
        say(tr("A workspace is a folder that holds runs, their curves and checkpoints. Drop one here to open it."),
            false);
    } else {
        say(trouble, true);
    }
    auto* open = new QPushButton(tr("&Open or make a workspace …"), this);
    open->setObjectName("openWorkspace");
    open->setProperty("primary", true);
    open->setDefault(true);
    m_demo->setObjectName("tryDemo");
    m_demo->setToolTip(tr("Makes the workspace %1 and starts its runs").arg(demoFolder()));
    m_quick->setToolTip(tr("Fewer steps and one seed"));
    auto* about = centred(
        tr("The demo distils a small teacher into small students on this computer, in the folder %1: "
           "about %2 minutes on two idle cores, a fifteenth of the steps in the short version. Curves come after "
           "some seconds.")
            .arg(demoFolder())
            .arg(kDemoMinutes),
        this);
    about->setProperty("muted", true);

    auto* buttons = new QHBoxLayout;
    buttons->addStretch();
    for (QWidget* widget :
         {static_cast<QWidget*>(open), static_cast<QWidget*>(m_demo), static_cast<QWidget*>(m_quick)}) {
        buttons->addWidget(widget);
    }
    buttons->addStretch();
    auto* column = new QWidget(this);
    column->setObjectName("column");
    column->setMaximumWidth(kWidestColumn);
    auto* whole = new QHBoxLayout(this);
    whole->setContentsMargins(32, 16, 32, 16);
    whole->addStretch(1);
    whole->addWidget(column, kWidestColumn);
    whole->addStretch(1);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(ui::kSpace3);
    layout->addStretch();
    for (QWidget* widget :
         {static_cast<QWidget*>(picture), static_cast<QWidget*>(name), static_cast<QWidget*>(m_text)}) {
        layout->addWidget(widget);
    }
    layout->addLayout(buttons);
    layout->addWidget(about);
    if (QWidget* recent = makeRecent()) {
        layout->addWidget(recent, 1);
    }
    layout->addStretch();
    resize(kWidth, std::min(sizeHint().height(), kHighest));
    connect(open, &QPushButton::clicked, this, [this] { askForWorkspace(this); });
    connect(m_demo, &QPushButton::clicked, this, [this] { startDemo(demoFolder()); });
}

StartWindow::~StartWindow() = default;

// nullptr: none was open before.
QWidget* StartWindow::makeRecent()
{
    const QStringList recent = recentWorkspaces();
    if (recent.isEmpty()) {
        return nullptr;
    }
    auto* box = new QGroupBox(tr("Opened before"), this);
    auto* rows = new QVBoxLayout(box);
    rows->setSpacing(ui::kSpace1);
    for (const QString& folder : recent) {
        auto* row = new QCommandLinkButton(QDir(folder).dirName(), folder, box);
        row->setToolTip(folder);
        connect(row, &QCommandLinkButton::clicked, this, [this, folder] { this->open(folder); });
        rows->addWidget(row);
    }
    rows->addStretch();
    auto* area = new QScrollArea(this); // eight of them are higher than a small screen
    area->setWidget(box);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus); // its rows have it
    area->setMinimumHeight(std::min(box->sizeHint().height(), kLeastRecent));
    area->setMaximumHeight(box->sizeHint().height() + 2 * area->frameWidth());
    return area;
}

void StartWindow::say(const QString& sentence, bool bad)
{
    m_text->setText(sentence);
    m_text->setProperty("muted", !bad);
    m_text->setProperty("tone", bad ? QVariant("bad") : QVariant());
    m_text->style()->unpolish(m_text); // the style sheet reads the properties anew
    m_text->style()->polish(m_text);
}

void StartWindow::open(const QString& folder)
{
    QString trouble;
    if (openWorkspace(folder, &trouble)) {
        close();
    } else {
        say(trouble, true);
    }
}

void StartWindow::startDemo(const QString& folder)
{
    m_demo->setEnabled(false);
    say(tr("Making the demo's runs …"), false);
    m_background->run(
        this,
        [place = std::filesystem::path(folder.toStdString()), quick = m_quick->isChecked()](const std::atomic<bool>&) {
            return makeDemo(place, quick);
        },
        [this](const Result<std::filesystem::path>& made) {
            m_demo->setEnabled(true);
            if (made) {
                open(QString::fromStdString(made->string()));
            } else {
                say(QString::fromStdString(made.failure().text()), true);
            }
        });
}

void StartWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (!draggedFolder(*event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
    }
}

void StartWindow::dropEvent(QDropEvent* event)
{
    const QString folder = draggedFolder(*event->mimeData());
    if (folder.isEmpty()) {
        return;
    }
    event->acceptProposedAction();
    const Result<bool> isWorkspace = store::WorkspaceDb::isWorkspace(folder.toStdString());
    if (isWorkspace && !*isWorkspace) {
        say(tr("%1 is no workspace. Open or make one first; a model's folder is then dropped on its window.")
                .arg(folder),
            true);
    } else {
        open(folder);
    }
}

bool openWorkspace(const QString& folder, QString* trouble)
{
    const std::filesystem::path path = std::filesystem::absolute(folder.toStdString()).lexically_normal();
    if (const auto workspace = store::WorkspaceDb::open(path); !workspace) {
        if (trouble != nullptr) {
            *trouble = ui::windowWords(workspace.failure().text());
        }
        return false;
    }
    auto* workbench = new Workbench(path, qApp);
    // with its window go its threads and points; deleted before the application ends, also when it is the last
    QObject::connect(&workbench->window(), &ui::MainWindow::closed, workbench, &QObject::deleteLater);
    ui::MainWindow& window = workbench->window();
    window.resize(window.size().boundedTo(window.screen()->availableSize()));
    window.show();
    return true;
}

namespace
{

void showWarning(const QString& sentence, QWidget* parent)
{
    auto* box = new QMessageBox(QMessageBox::Warning, StartWindow::tr("Workspace"), sentence, QMessageBox::Ok, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace

void askForWorkspace(QWidget* parent)
{
    auto* dialog = new QFileDialog(parent, StartWindow::tr("Workspace folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [parent](const QString& folder) {
        const auto opened = [parent] {
            if (auto* start = qobject_cast<StartWindow*>(parent)) {
                start->close();
            }
        };
        QString trouble;
        if (openWorkspace(folder, &trouble)) {
            opened();
            return;
        }
        const Result<bool> isOne = store::WorkspaceDb::isWorkspace(folder.toStdString());
        if (!isOne || *isOne) {
            showWarning(trouble, parent); // it cannot be opened: unreadable, locked, damaged or of a newer version
            return;
        }
        auto* box = new QMessageBox(QMessageBox::Question, StartWindow::tr("Workspace"),
                                    StartWindow::tr("%1 is no workspace yet. Make it one?").arg(folder),
                                    QMessageBox::Cancel, parent);
        const auto* make = box->addButton(StartWindow::tr("Make a workspace"), QMessageBox::AcceptRole);
        box->setAttribute(Qt::WA_DeleteOnClose);
        QObject::connect(make, &QPushButton::clicked, parent, [folder, opened, parent] {
            QString why;
            if (const auto made = store::WorkspaceDb::create(folder.toStdString()); !made) {
                showWarning(QString::fromStdString(made.failure().text()), parent);
            } else if (openWorkspace(folder, &why)) {
                opened();
            } else {
                showWarning(why, parent);
            }
        });
        box->open();
    });
    dialog->open();
}

} // namespace dskd::workbench
