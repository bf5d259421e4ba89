#include "ui/look/theme.h"

#include "ui/look/combo_style.h"
#include "ui/look/run_shades.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QIconEngine>
#include <QLabel>
#include <QPainter>
#include <QPalette>
#include <QPixmap>
#include <QStyle>
#include <QStyleFactory>
#include <QSvgRenderer>
#include <algorithm>
#include <array>
#include <utility>

// Q_INIT_RESOURCE must not stand in a namespace.
static void initIcons()
{
    Q_INIT_RESOURCE(icons);
}

namespace dskd::ui
{

namespace
{

const Palette kLight{"#FAFAF8", "#FFFFFF", "#F0F0EC", "#1A1B1D", "#5C6066", "#80858B",
                     "#DADAD4", "#0B6BCB", "#1B7F4B", "#A66300", "#B3261E"};
const Palette kDark{"#1B1C1E", "#232427", "#141517", "#ECEDEE", "#A7ABB0", "#6B7075",
                    "#34363A", "#5AA9F0", "#4CC38A", "#F0B355", "#F2837B"};

// Okabe-Ito without its black, then darker or lighter steps of the same hues. The yellow only reads on dark. Each has a
// contrast of 3:1 with cards and window.
constexpr int kRunHues = 12;
constexpr std::array<const char*, kRunHues> kRunsOnLight{"#0072B2", "#C97800", "#009E73", "#C4628F",
                                                         "#1E98C4", "#D55E00", "#5B4BA3", "#7A6A00",
                                                         "#004C7A", "#8F3E00", "#00634A", "#7D2F57"};
constexpr std::array<const char*, kRunHues> kRunsOnDark{"#4C8DF6", "#E69F00", "#2FC79B", "#DE94BC",
                                                        "#9ADCF7", "#F0803C", "#A99BF0", "#F0E442",
                                                        "#2E86C1", "#B06A3C", "#98E3B4", "#B85C94"};
// Of the shades: nearer to the paper, they would not have that contrast; beyond the other end hues look alike, near
// black or near white.
constexpr LuminanceRange kRangeOnLight{0.045, 0.28};
constexpr LuminanceRange kRangeOnDark{0.156, 0.65};

using Shades = std::array<std::array<QColor, kShades>, kRunHues>;

Shades shadesOfAll(const std::array<const char*, kRunHues>& hues, LuminanceRange range)
{
    Shades shades;
    for (std::size_t hue = 0; hue < hues.size(); ++hue) {
        shades[hue] = shadesOf(QColor(QLatin1String(hues[hue])), range);
    }
    return shades;
}

bool darkTheme = false;

QPalette toQt(const Palette& p)
{
    QPalette q;
    q.setColor(QPalette::Window, p.surface);
    q.setColor(QPalette::WindowText, p.text);
    q.setColor(QPalette::Base, p.raised);
    q.setColor(QPalette::AlternateBase, p.sunken);
    q.setColor(QPalette::Text, p.text);
    q.setColor(QPalette::Button, p.raised);
    q.setColor(QPalette::ButtonText, p.text);
    q.setColor(QPalette::BrightText, p.bad);
    q.setColor(QPalette::PlaceholderText, p.muted);
    q.setColor(QPalette::ToolTipBase, p.raised);
    q.setColor(QPalette::ToolTipText, p.text);
    q.setColor(QPalette::Highlight, p.accent);
    q.setColor(QPalette::HighlightedText, &p == &kDark ? p.sunken : p.raised);
    q.setColor(QPalette::Link, p.accent);
    q.setColor(QPalette::Light, p.raised);
    q.setColor(QPalette::Midlight, p.line);
    q.setColor(QPalette::Mid, p.line);
    q.setColor(QPalette::Dark, p.faint);
    q.setColor(QPalette::Shadow, p.sunken);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::PlaceholderText}) {
        q.setColor(QPalette::Disabled, role, p.faint);
    }
    q.setColor(QPalette::Disabled, QPalette::Highlight, p.line);
    return q;
}

// What a QPalette cannot express. @name stands for a colour of Palette.
constexpr auto kStyle = R"(
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QDockWidget::title { padding: 6px 8px; }
QTreeView, QTableView, QListView { border: 1px solid @line; background: @raised; alternate-background-color: @sunken; }
QTreeView:focus, QTableView:focus, QListView:focus { border: 1px solid @accent; }
QTreeView::item, QListView::item { padding: 3px 2px; }
QHeaderView::section { background: @surface; color: @muted; border: none; border-bottom: 1px solid @line; padding: 4px 6px; }
QTabWidget::pane { border: none; border-top: 1px solid @line; }
QTabBar::tab { padding: 6px 14px; border: none; border-bottom: 2px solid transparent; color: @muted; background: transparent; }
QTabWidget#pages > QTabBar::tab { padding: 6px 9px; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:focus { color: @accent; }
QLineEdit, QPlainTextEdit, QTextEdit {
  border: 1px solid @line; border-radius: 4px; padding: 3px 6px; background: @raised; selection-background-color: @accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 1px solid @accent; }
QLineEdit[problem="true"] { border: 1px solid @bad; }
QPushButton { border: 1px solid @line; border-radius: 4px; padding: 5px 12px; background: @raised; }
QPushButton:hover { border-color: @faint; }
QPushButton:pressed { background: @sunken; }
QPushButton:focus { border: 2px solid @accent; padding: 4px 11px; }
QPushButton:disabled { color: @faint; }
QPushButton[primary="true"] { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @line; color: @muted; border-color: @line; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 4px; }
QToolButton::menu-indicator { image: none; }
QToolButton[popupMode="1"] { padding-right: 20px; }
QToolButton::menu-button { border: none; border-left: 1px solid @line; width: 15px; }
QToolButton[choice="true"] { border: 1px solid @line; background: @raised; padding: 4px 8px; }
QToolButton[choice="true"]:hover { border-color: @faint; }
QToolButton[choice="true"]:focus { border: 1px solid @accent; }
QToolButton:hover { background: @sunken; }
QToolButton:checked { background: @sunken; border-color: @line; }
QToolButton:focus { border: 1px solid @accent; }
QToolButton#moreEntries { padding: 0 4px; color: @muted; }
QCheckBox::indicator, QTreeView::indicator, QGroupBox::indicator {
  width: 13px; height: 13px; border: 1px solid @faint; border-radius: 3px; background: @raised; }
QCheckBox::indicator:checked, QTreeView::indicator:checked, QGroupBox::indicator:checked {
  background: @accent; border-color: @accent; image: url(:/icons/@check.svg); }
QTreeView::indicator:indeterminate { background: @line; }
QCheckBox::indicator:focus { border: 2px solid @accent; width: 11px; height: 11px; }
QCheckBox::indicator:disabled { background: @sunken; border-color: @line; }
QProgressBar { border: none; border-radius: 3px; background: @line; max-height: 6px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QStatusBar { border-top: 1px solid @line; color: @muted; }
QStatusBar::item { border: none; }
QScrollArea { border: none; }
QScrollBar { background: @sunken; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: @faint; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QMenu { border: 1px solid @line; }
QLabel[muted="true"] { color: @muted; }
QLabel[tone="muted"] { color: @muted; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="warn"] { color: @warn; }
QLabel[tone="bad"] { color: @bad; }
QFrame[card="true"] { background: @raised; border: 1px solid @line; border-radius: 4px; }
)";

QString styleSheet(const Palette& p)
{
    QString sheet = QString::fromLatin1(kStyle);
    sheet.replace(QLatin1String("@check"), &p == &kDark ? QLatin1String("check-dark") : QLatin1String("check-light"));
    const std::pair<const char*, QColor> names[] = {
        {"@surface", p.surface}, {"@raised", p.raised}, {"@sunken", p.sunken},
        {"@text", p.text},       {"@muted", p.muted},   {"@faint", p.faint},
        {"@line", p.line},       {"@accent", p.accent}, {"@good", p.good},
        {"@warn", p.warn},       {"@bad", p.bad},       {"@onAccent", toQt(p).color(QPalette::HighlightedText)}};
    for (const auto& [name, colour] : names) {
        sheet.replace(QLatin1String(name), colour.name());
    }
    return sheet;
}

QColor colorOf(int index, bool dark)
{
    static const Shades onLight = shadesOfAll(kRunsOnLight, kRangeOnLight);
    static const Shades onDark = shadesOfAll(kRunsOnDark, kRangeOnDark);
    const int positive = std::max(0, index);
    const auto hue = static_cast<std::size_t>(hueOf(positive) % kRunHues);
    return (dark ? onDark : onLight)[hue][static_cast<std::size_t>(shadeOf(positive) % kShades)];
}

bool desktopIsDark()
{
    static const bool dark = QApplication::palette().color(QPalette::Window).lightness() < 128; // before we change it
    return dark;
}

// A line icon drawn in the text colour of the moment, so that a change of theme recolours it.
class LineIcon final : public QIconEngine
{
public:
    explicit LineIcon(QString file) : m_file(std::move(file)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        QFile file(m_file);
        if (!file.open(QIODevice::ReadOnly)) {
            return;
        }
        const Palette& p = ui::palette();
        const QColor colour = mode == QIcon::Disabled ? p.faint : mode == QIcon::Selected ? p.accent : p.text;
        QSvgRenderer renderer(file.readAll().replace("currentColor", colour.name().toLatin1()));
        renderer.render(painter, rect);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap picture(size);
        picture.fill(Qt::transparent);
        QPainter painter(&picture);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return picture;
    }
    [[nodiscard]] QIconEngine* clone() const override { return new LineIcon(m_file); }

private:
    QString m_file;
};

} // namespace

void applyTheme(QApplication& application, Appearance appearance)
{
    initIcons();
    const bool systemDark = desktopIsDark();
    darkTheme = appearance == Appearance::Dark || (appearance == Appearance::System && systemDark);
    static const bool fusion = [] {
        QApplication::setStyle(new ComboStyle(QStyleFactory::create(QStringLiteral("Fusion"))));
        return true;
    }();
    Q_UNUSED(fusion)
    application.setPalette(toQt(palette()));
    application.setStyleSheet(styleSheet(palette()));
}

const Palette& palette()
{
    return darkTheme ? kDark : kLight;
}

bool isDark()
{
    return darkTheme;
}

QColor runColor(int index)
{
    return colorOf(index, darkTheme);
}

QColor runColorOnPaper(int index)
{
    return colorOf(index, false);
}

const Palette& paperPalette()
{
    return kLight;
}

void setTone(QLabel& label, const char* tone)
{
    label.setProperty("tone", QLatin1String(tone));
    label.style()->unpolish(&label); // the style looks at properties only then
    label.style()->polish(&label);
}

QFont titleFont()
{
    QFont font = QApplication::font();
    font.setPointSizeF(11.0);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont monospaceFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setStyleHint(QFont::Monospace);
    return font;
}

QIcon icon(const QString& name)
{
    return QIcon(new LineIcon(QStringLiteral(":/icons/%1.svg").arg(name)));
}

} // namespace dskd::ui
