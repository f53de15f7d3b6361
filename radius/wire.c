/* The only file that includes libfreeradius' headers. Contracts are in wire_c.h. Of the library's codec only
 * rad_attr2vp and rad_vp2attr are used, without a secret: then they neither digest nor draw random numbers,
 * which 3.2.1 does from state that threads share. */
#define _DEFAULT_SOURCE /* libradius.h wants sig_t, which a mere _XOPEN_SOURCE from elsewhere hides */
#include "radius/wire_c.h"

/* build.h first: libradius.h uses its macros before including it. */
#include <endian.h>
#include <freeradius/build.h>
#include <freeradius/libradius.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum {
    kDecoderPoolSize = 64 * 1024, /* a full packet of small attributes; more comes from malloc */
    kHeaderSize = 2,
    kVendorHeaderSize = 6,
    kMaxPart = 253,
    kMaxSplitValue = 4096,
};

struct WireDecoder {
    TALLOC_CTX* pool;
    const uint8_t* at;
    const uint8_t* end;
    VALUE_PAIR* pending;
};

/* talloc reads an environment variable at its first free, and notes in a plain variable that it did. */
static void warmUpTalloc(void) {
    talloc_free(talloc_new(NULL));
}

bool wireStart(const char* folder) {
    warmUpTalloc();
    if (fr_check_lib_magic(RADIUSD_MAGIC_NUMBER) < 0) {
        return false;
    }
    return dict_init(folder, "dictionary") == 0;
}

const char* wireError(void) {
    return fr_strerror();
}

static enum WireType typeOf(const DICT_ATTR* definition) {
    switch (definition->type) {
        case PW_TYPE_STRING:
            return WireTypeText;
        case PW_TYPE_OCTETS:
            return WireTypeOctets;
        case PW_TYPE_INTEGER:
        case PW_TYPE_DATE:
            return WireTypeInteger;
        case PW_TYPE_IPV4_ADDR:
            return WireTypeIpv4;
        case PW_TYPE_IPV6_ADDR:
            return WireTypeIpv6;
        case PW_TYPE_IPV6_PREFIX:
            return WireTypeIpv6Prefix;
        default:
            return WireTypeOther;
    }
}

static enum WireHiding hidingOf(const DICT_ATTR* definition) {
    switch (definition->flags.encrypt) {
        case FLAG_ENCRYPT_NONE:
            return WireHidingNone;
        case FLAG_ENCRYPT_USER_PASSWORD:
            return WireHidingPassword;
        case FLAG_ENCRYPT_TUNNEL_PASSWORD:
            return WireHidingSalted;
        default:
            return WireHidingOther;
    }
}

bool wireDefine(uint32_t vendor, uint32_t type, struct WireDefinition* out) {
    const DICT_ATTR* definition = dict_attrbyvalue(type, vendor);
    if (definition == NULL) {
        return false;
    }
    out->name = definition->name;
    out->type = typeOf(definition);
    out->hiding = hidingOf(definition);
    out->isTagged = definition->flags.has_tag;
    return true;
}

const char* wireValueName(uint32_t vendor, uint32_t type, uint32_t number) {
    const DICT_VALUE* value = dict_valbyattr(type, vendor, (int)number);
    return value == NULL ? NULL : value->name;
}

struct WireDecoder* wireDecoderNew(void) {
    struct WireDecoder* decoder = calloc(1, sizeof(*decoder));
    if (decoder == NULL) {
        return NULL;
    }
    decoder->pool = talloc_pool(NULL, kDecoderPoolSize);
    if (decoder->pool == NULL) {
        free(decoder);
        return NULL;
    }
    return decoder;
}

void wireDecoderFree(struct WireDecoder* decoder) {
    if (decoder != NULL) {
        talloc_free(decoder->pool);
        free(decoder);
    }
}

void wireDecoderBegin(struct WireDecoder* decoder, const uint8_t* attributes, size_t size) {
    talloc_free_children(decoder->pool);
    decoder->at = attributes;
    decoder->end = attributes + size;
    decoder->pending = NULL;
}

static void giveOutAsSent(const uint8_t* attribute, struct WireAttribute* out) {
    out->vendor = 0;
    out->type = attribute[0];
    out->value = attribute + kHeaderSize;
    out->size = (size_t)attribute[1] - kHeaderSize;
}

/* Whether the attributes inside a Vendor-Specific fill it exactly. All vendors of our dictionaries have one
 * octet of type and one of length. */
static bool isWellFormedInside(const uint8_t* attribute) {
    const uint8_t* at = attribute + kVendorHeaderSize;
    const uint8_t* end = attribute + attribute[1];
    while (at < end) {
        if (end - at < kHeaderSize || at[1] < kHeaderSize || at[1] > end - at) {
            return false;
        }
        at += at[1];
    }
    return true;
}

/* The library takes the tag off a value, and drops attributes that are empty. 3.2.1 also rearranges
 * NAS-Filter-Rule with arithmetic that later versions had to mend, and for a Vendor-Specific that is not
 * well-formed it writes an error text through a pointer that threads share. All of these are given out as
 * they came. */
static bool isGivenOutAsSent(const uint8_t* attribute) {
    if (attribute[1] == kHeaderSize || attribute[0] == PW_NAS_FILTER_RULE) {
        return true;
    }
    if (attribute[0] == PW_VENDOR_SPECIFIC) {
        return !isWellFormedInside(attribute);
    }
    const DICT_ATTR* definition = dict_attrbyvalue(attribute[0], 0);
    return definition != NULL && definition->flags.has_tag;
}

/* The value in network order; `pair` is the decoder's own, so it is turned around in place. rad_vp2data()
 * would do the same in memory of its own, through a pointer that threads share. */
static const uint8_t* networkOrder(VALUE_PAIR* pair) {
    switch (pair->da->type) {
        case PW_TYPE_STRING:
        case PW_TYPE_OCTETS:
            return pair->vp_octets;
        case PW_TYPE_INTEGER:
        case PW_TYPE_DATE:
        case PW_TYPE_SIGNED:
            pair->vp_integer = htonl(pair->vp_integer);
            break;
        case PW_TYPE_INTEGER64:
            pair->vp_integer64 = htobe64(pair->vp_integer64);
            break;
        case PW_TYPE_SHORT:
            pair->vp_short = htons(pair->vp_short);
            break;
        default:
            break;
    }
    return (const uint8_t*)&pair->data;
}

static void giveOutPending(struct WireDecoder* decoder, struct WireAttribute* out) {
    VALUE_PAIR* pair = decoder->pending;
    decoder->pending = pair->next;
    out->vendor = pair->da->vendor;
    out->type = pair->da->attr;
    out->size = pair->vp_length;
    out->value = networkOrder(pair);
}

enum WireStep wireDecoderNext(struct WireDecoder* decoder, struct WireAttribute* out) {
    while (decoder->pending == NULL) {
        if (decoder->at == decoder->end) {
            return WireStepEnd;
        }
        if (isGivenOutAsSent(decoder->at)) {
            giveOutAsSent(decoder->at, out);
            decoder->at += decoder->at[1];
            return WireStepAttribute;
        }
        const size_t left = (size_t)(decoder->end - decoder->at);
        const ssize_t taken =
            rad_attr2vp(decoder->pool, NULL, NULL, NULL, decoder->at, left, &decoder->pending);
        if (taken < kHeaderSize || (size_t)taken > left) {
            return WireStepRefused;
        }
        decoder->at += taken;
    }
    giveOutPending(decoder, out);
    return WireStepAttribute;
}

static uint32_t integerOf(const uint8_t* octets) {
    uint32_t number = 0;
    memcpy(&number, octets, sizeof(number));
    return ntohl(number);
}

/* Puts the octets into the union's member for their type: false where they are not of its size. */
static bool setValue(VALUE_PAIR* pair, const struct WireAttribute* attribute) {
    pair->vp_length = attribute->size;
    switch (pair->da->type) {
        case PW_TYPE_STRING:
        case PW_TYPE_OCTETS:
            pair->vp_octets = attribute->value;
            return true;
        case PW_TYPE_INTEGER:
        case PW_TYPE_DATE:
            if (attribute->size != sizeof(pair->vp_integer)) {
                return false;
            }
            pair->vp_integer = integerOf(attribute->value);
            return true;
        case PW_TYPE_IPV4_ADDR:
        case PW_TYPE_IPV6_ADDR:
            if (attribute->size != dict_attr_sizes[pair->da->type][0]) {
                return false;
            }
            memcpy(&pair->data, attribute->value, attribute->size);
            return true;
        case PW_TYPE_IPV6_PREFIX:
            if (attribute->size < 2 || attribute->size > sizeof(pair->vp_ipv6prefix)) {
                return false;
            }
            memcpy(pair->vp_ipv6prefix, attribute->value, attribute->size);
            return true;
        default:
            return false;
    }
}

/* 3.2.1 cuts without a word what does not fit: the size is reckoned here first. 0: it cannot be sent. */
static size_t encodedSize(const struct WireAttribute* attribute, bool isSplit) {
    const size_t header = attribute->vendor == 0 ? kHeaderSize : kVendorHeaderSize + kHeaderSize;
    const size_t most = isSplit ? kMaxSplitValue : kMaxPart + kHeaderSize - header;
    if (attribute->size == 0 || attribute->size > most) {
        return 0;
    }
    const size_t parts = isSplit ? (attribute->size + kMaxPart - 1) / kMaxPart : 1;
    return attribute->size + parts * header;
}

/* Other types (an Ascend filter, a combined address, a whole Vendor-Specific) need no conversion, since our
 * values are what is on the wire. */
static bool isConverted(const DICT_ATTR* definition) {
    return typeOf(definition) != WireTypeOther && !definition->flags.has_tag;
}

size_t wireEncode(const struct WireAttribute* attribute, bool asOctets, uint8_t* out, size_t room) {
    const DICT_ATTR plain = {.attr = attribute->type,
                             .vendor = attribute->vendor,
                             .type = PW_TYPE_OCTETS,
                             .flags = {.is_unknown = 1}};
    const DICT_ATTR* known = dict_attrbyvalue(attribute->type, attribute->vendor);
    const bool asKnown = !asOctets && known != NULL && isConverted(known);
    VALUE_PAIR pair = {.da = asKnown ? known : &plain, .op = T_OP_EQ, .tag = TAG_NONE, .type = VT_DATA};
    const size_t expected = encodedSize(attribute, asKnown && known->flags.concat);
    if (attribute->type == 0 || attribute->type > UINT8_MAX || attribute->vendor >= FR_MAX_VENDOR) {
        return 0;
    }
    if (expected == 0 || expected > room || !setValue(&pair, attribute)) {
        return 0;
    }
    const VALUE_PAIR* next = &pair;
    const int written = rad_vp2attr(NULL, NULL, NULL, &next, out, room);
    return written > 0 && (size_t)written == expected ? expected : 0;
}
