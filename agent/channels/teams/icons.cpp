// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/icons.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace stayd::teams {
namespace {

struct Colour {
  double red, green, blue, alpha;  // 0 to 1
};
constexpr Colour kNothing{1, 1, 1, 0};
constexpr Colour kWhite{1, 1, 1, 1};
constexpr Colour kBackground{0.11, 0.20, 0.36, 1};

// A point of the picture, whose middle is (0, 0) and whose edges are 1 away.
using Picture = Colour (*)(double x, double y);

// How far a point is from the middle of an octagon that lies on a side; 1 at its side.
double octagon(double x, double y) {
  const double slanted = (std::abs(x) + std::abs(y)) / std::sqrt(2.0);
  return std::max({std::abs(x), std::abs(y), slanted});
}
bool in_bars(double x, double y, double scale) {
  const double from_middle = std::abs(x) / scale;
  return from_middle > 0.16 && from_middle < 0.40 && std::abs(y) / scale < 0.46;
}

Colour colour_picture(double x, double y) {
  constexpr double kSign = 0.70;
  const double distance = octagon(x, y) / kSign;
  const bool rim = distance > 0.86 && distance < 1;
  return rim || in_bars(x, y, kSign) ? kWhite : kBackground;
}

Colour outline_picture(double x, double y) {
  constexpr double kSign = 0.92;
  const double distance = octagon(x, y) / kSign;
  const bool rim = distance > 0.86 && distance < 1;
  return rim || in_bars(x, y, kSign) ? kWhite : kNothing;
}

// Rows of RGBA behind the byte for "no filter". Each pixel is the mean of 8 × 8 points of it.
std::string rows(int side, Picture picture) {
  constexpr int kPoints = 8;
  std::string bytes;
  const auto at = [side](int pixel, int point) {
    return (pixel + (point + 0.5) / kPoints) * 2 / side - 1;
  };
  for (int row = 0; row < side; ++row) {
    bytes += '\0';
    for (int column = 0; column < side; ++column) {
      Colour sum{0, 0, 0, 0};
      for (int point = 0; point < kPoints * kPoints; ++point) {
        const Colour one = picture(at(column, point % kPoints), at(row, point / kPoints));
        sum.red += one.red;
        sum.green += one.green;
        sum.blue += one.blue;
        sum.alpha += one.alpha;
      }
      for (const double part : {sum.red, sum.green, sum.blue, sum.alpha})
        bytes += char(static_cast<unsigned char>(std::lround(part / (kPoints * kPoints) * 255)));
    }
  }
  return bytes;
}

void put_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += char(value >> shift & 0xff);
}

const Bytef* bytes_of(const std::string& text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

void put_chunk(std::string& out, const std::string& type, const std::string& data) {
  put_big_endian(out, static_cast<std::uint32_t>(data.size()));
  const std::string summed = type + data;
  out += summed;
  put_big_endian(out, static_cast<std::uint32_t>(
                          crc32(0, bytes_of(summed), static_cast<uInt>(summed.size()))));
}

std::string png(int side, Picture picture) {
  const std::string plain = rows(side, picture);
  uLongf size = compressBound(plain.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, bytes_of(plain), plain.size(),
                Z_BEST_COMPRESSION) != Z_OK)
    throw std::runtime_error("zlib does not compress");
  packed.resize(size);

  std::string header;
  put_big_endian(header, static_cast<std::uint32_t>(side));
  put_big_endian(header, static_cast<std::uint32_t>(side));
  header += {8, 6, 0, 0, 0};  // bits, RGBA, and the only ways to compress, filter and interlace
  std::string out = "\x89PNG\r\n\x1a\n";
  put_chunk(out, "IHDR", header);
  put_chunk(out, "IDAT", packed);
  put_chunk(out, "IEND", "");
  return out;
}

}  // namespace

std::string colour_icon() { return png(192, colour_picture); }
std::string outline_icon() { return png(32, outline_picture); }

}  // namespace stayd::teams
