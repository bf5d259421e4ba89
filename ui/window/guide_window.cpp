#include "ui/window/guide_window.h"

#include "ui/look/theme.h"

#include <QHBoxLayout>
#include <QImage>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QVBoxLayout>

namespace dskd::ui
{

QVariant GuideBrowser::loadResource(int type, const QUrl& name)
{
    const QString file = source().resolved(name).toLocalFile();
    if (type != QTextDocument::ImageResource) {
        const auto text = m_contents.texts.find(file);
        return text == m_contents.texts.end() ? QVariant() : QVariant(text->second);
    }
    const auto found = m_contents.pictures.find(file);
    if (found == m_contents.pictures.end()) {
        return {};
    }
    QImage picture = found->second;
    const double ratio = devicePixelRatioF();
    const int room = static_cast<int>((viewport()->width() - 2 * kSpace6) * ratio);
    if (picture.width() > room && room > 0) {
        picture = picture.scaledToWidth(room, Qt::SmoothTransformation);
        picture.setDevicePixelRatio(ratio);
    }
    return picture;
}

GuideWindow::GuideWindow(QWidget* parent)
    : QWidget(parent, Qt::Window), m_pages(new QListWidget(this)), m_browser(new GuideBrowser(this)),
      m_find(new QLineEdit(this)), m_background(QStringLiteral("guide"))
{
    setObjectName("guideWindow");
    setWindowTitle(tr("Guide"));
    m_pages->setObjectName("guidePages");
    m_browser->setObjectName("guideBrowser");
    m_browser->setOpenExternalLinks(true); // http only: pages of the guide open here
    m_find->setObjectName("guideFind");
    m_find->setPlaceholderText(tr("Find on this page"));
    m_find->setClearButtonEnabled(true);
    m_pages->setAccessibleName(tr("Pages of the guide"));
    m_browser->setAccessibleName(tr("The page"));
    m_find->setAccessibleName(m_find->placeholderText());

    auto* back = new QPushButton(tr("&Back"), this);
    back->setEnabled(false);
    connect(back, &QPushButton::clicked, m_browser, &QTextBrowser::backward);
    connect(m_browser, &QTextBrowser::backwardAvailable, back, &QPushButton::setEnabled);
    auto* top = new QHBoxLayout;
    top->addWidget(back);
    top->addStretch();
    top->addWidget(m_find);

    auto* both = new QSplitter(this);
    both->addWidget(m_pages);
    both->addWidget(m_browser);
    both->setStretchFactor(1, 1);
    both->setSizes({220, 780});
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(both, 1);
    resize(1000, 720);

    connect(m_browser, &QTextBrowser::sourceChanged, this, &GuideWindow::showInList);
    connect(m_pages, &QListWidget::currentItemChanged, this, [this](const QListWidgetItem* item) {
        if (item != nullptr) {
            open(item->data(Qt::UserRole).toString());
        }
    });
    connect(m_find, &QLineEdit::returnPressed, this, &GuideWindow::find);
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, m_find, [this] { m_find->setFocus(); });
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this, &QWidget::close);

    m_browser->setPlainText(tr("Reading\u2026"));
    m_background.run(
        this, [](const std::atomic<bool>& cancelled) { return readGuide(cancelled); },
        [this](Result<GuideContents> guide) {
            if (guide) {
                fill(std::move(*guide));
            } else {
                m_browser->setPlainText(QString::fromStdString(guide.failure().text()));
            }
        });
}

void GuideWindow::fill(GuideContents guide)
{
    m_browser->setContents(std::move(guide));
    for (const GuidePage& page : m_browser->contents().pages) {
        auto* item = new QListWidgetItem(page.title, m_pages);
        item->setData(Qt::UserRole, page.file);
    }
    m_pages->setCurrentRow(0);
    if (!m_wanted.isEmpty()) {
        open(m_wanted);
    }
}

void GuideWindow::open(const QString& file)
{
    const GuideContents& guide = m_browser->contents();
    if (guide.folder.empty()) {
        m_wanted = file; // it is still being read
        return;
    }
    const QUrl page = QUrl::fromLocalFile(QString::fromStdString((guide.folder / file.toStdString()).string()));
    if (guide.texts.contains(page.toLocalFile()) && m_browser->source() != page) {
        m_browser->setSource(page, QTextDocument::MarkdownResource);
    }
}

// A link or Back has turned to `page`.
void GuideWindow::showInList(const QUrl& page)
{
    for (int row = 0; row < m_pages->count(); ++row) {
        if (m_pages->item(row)->data(Qt::UserRole).toString() == page.fileName()) {
            m_pages->setCurrentRow(row);
        }
    }
}

// The next place with the text; from the top again behind the last one.
void GuideWindow::find()
{
    if (!m_browser->find(m_find->text())) {
        m_browser->moveCursor(QTextCursor::Start);
        (void)m_browser->find(m_find->text());
    }
}

void showGuide(QWidget& parent)
{
    auto* guide = parent.findChild<GuideWindow*>("guideWindow", Qt::FindDirectChildrenOnly);
    if (guide == nullptr) {
        guide = new GuideWindow(&parent);
    }
    guide->show();
    guide->raise();
    guide->activateWindow();
}

} // namespace dskd::ui
