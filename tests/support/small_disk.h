#pragma once
// A disk of its own (tmpfs) that a test can fill or make read-only. Needs root, as the tests have it; where
// mounting is refused it throws, so that nothing is left out in silence.

#include <sys/mount.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "tests/support/temp_folder.h"

namespace gardu::test {

class SmallDisk {
public:
    explicit SmallDisk(int megabytes) : options_("size=" + std::to_string(megabytes) + "m") { mount(0); }
    ~SmallDisk() { umount2(folder_.path().c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

    /// Nothing may be open for writing on it.
    void makeReadOnly() { mount(MS_REMOUNT | MS_RDONLY); }
    void makeWritable() { mount(MS_REMOUNT); }

    /// To its last page.
    void fill() {
        std::ofstream out(file("filler"), std::ios::binary | std::ios::app);
        const std::string page(4096, 'x');
        while (out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
        }
    }
    void makeRoom() { std::filesystem::remove(file("filler")); }

private:
    void mount(unsigned long flags) {
        if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", flags, options_.c_str()) != 0) {
            throw std::system_error(errno, std::generic_category(), "cannot mount a small disk");
        }
    }

    TempFolder folder_;
    std::string options_;
};

}  // namespace gardu::test
