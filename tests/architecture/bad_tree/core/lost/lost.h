#pragma once

// Lies in a folder that is no room.
