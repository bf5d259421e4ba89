#pragma once

// The colours, distances and type sizes of the whole window. No other file names a colour.

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

class QApplication;
class QLabel;

namespace dskd::ui
{

enum class Appearance { System, Light, Dark };

struct Palette {
    QColor surface, raised, sunken; // window, cards, wells
    QColor text, muted, faint;
    QColor line;   // hairlines
    QColor accent; // selection, primary action, focus ring
    QColor good, warn, bad;
};

inline constexpr int kSpace1 = 4; // pixels between things that belong together
inline constexpr int kSpace2 = 8;
inline constexpr int kSpace3 = 12;
inline constexpr int kSpace4 = 16;
inline constexpr int kSpace6 = 24;
inline constexpr int kTextColumn = 860; // the widest column of text: in longer lines the eye loses its place

// Sets palette, style sheet and font of the application. System follows the desktop's window colour.
void applyTheme(QApplication& application, Appearance appearance);
[[nodiscard]] const Palette& palette(); // of the current theme
[[nodiscard]] bool isDark();

// The colour of a run by its number (run_shade.h): a hue of the colour-blind-safe cycle (Okabe-Ito first), readable on
// the current theme, in one of its shades. runColor(hueOf(index)) is the hue itself, for what stands for all seeds.
[[nodiscard]] QColor runColor(int index);
// The same on white paper, whatever the theme: for pictures that leave the window.
[[nodiscard]] QColor runColorOnPaper(int index);
[[nodiscard]] const Palette& paperPalette(); // of the light theme

// Colours a label's text: "good", "warn", "bad", "muted", or "" for plain.
void setTone(QLabel& label, const char* tone);

[[nodiscard]] QFont titleFont();     // 11 pt semi-bold
[[nodiscard]] QFont monospaceFont(); // tokens, configurations, logs
// A line icon of resources/icons, in the text colour of the theme: icon("play").
[[nodiscard]] QIcon icon(const QString& name);

} // namespace dskd::ui
