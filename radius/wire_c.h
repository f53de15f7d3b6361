#pragma once
/* What C++ may know of libfreeradius-radius: its headers are not C++. wire.c implements this, wire.cpp and
 * wire_dictionary.cpp use it. No call draws from the library's generator or digests, which threads may not
 * share; after wireStart() all may be called from any thread, a WireDecoder from one at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum WireType {
    WireTypeText,
    WireTypeOctets,
    WireTypeInteger,
    WireTypeIpv4,
    WireTypeIpv6,
    WireTypeIpv6Prefix,
    WireTypeOther
};

/* How the dictionary says that a value is hidden on the wire. */
enum WireHiding { WireHidingNone, WireHidingPassword, WireHidingSalted, WireHidingOther };

struct WireDefinition {
    const char* name; /* the dictionary's; lives as long as the program */
    enum WireType type;
    enum WireHiding hiding;
    bool isTagged;
};

struct WireAttribute {
    uint32_t vendor;
    uint32_t type;
    const uint8_t* value; /* octets as on the wire */
    size_t size;
};

/* Checks the library's version and loads folder/dictionary. Once, before any thread. False: see wireError().
 */
bool wireStart(const char* folder);
const char* wireError(void);

/* False: the dictionary does not have it. */
bool wireDefine(uint32_t vendor, uint32_t type, struct WireDefinition* out);
/* "Framed-User" for a number that has a name, else NULL. Lives as long as the program. */
const char* wireValueName(uint32_t vendor, uint32_t type, uint32_t number);

/* Memory for the attributes of one packet, kept for the next one. NULL: out of memory. */
struct WireDecoder;
struct WireDecoder* wireDecoderNew(void);
void wireDecoderFree(struct WireDecoder* decoder);

/* Takes the attributes of a packet: octets after the header, walked and found well-formed before. What the
 * decoder gave out before is void now. Values that the dictionary calls hidden stay hidden. */
void wireDecoderBegin(struct WireDecoder* decoder, const uint8_t* attributes, size_t size);
enum WireStep { WireStepAttribute, WireStepEnd, WireStepRefused };
/* `out` points into the decoder or the packet until the next wireDecoderBegin(). */
enum WireStep wireDecoderNext(struct WireDecoder* decoder, struct WireAttribute* out);

/* Writes one attribute (or several, where the dictionary splits it) into `out`. `asOctets`: whatever type the
 * dictionary gives it, the value is ready (it is hidden, or it is tagged). The number of octets written, or 0
 * where the value does not have the size of its type, is empty, is too long or does not fit into `room`. */
size_t wireEncode(const struct WireAttribute* attribute, bool asOctets, uint8_t* out, size_t room);

#ifdef __cplusplus
}
#endif
