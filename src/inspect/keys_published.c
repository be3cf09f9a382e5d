/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/keys.h"

/* SHA-256 of SubjectPublicKeyInfo, sorted. Collected from Debian 11's and 12's builds of the sources named. */
static const char *const self_tests[] = {
	"01e67e56244b43b668e2b9a697daaafcfb501fa78de2fcc4aa32bdae6dd94af6", /* OpenSSL apps/testrsa.h, rsa 3072 */
	"0d47bb32995c4f374228dd401ca46be4fe313ef89960c81b8c6db8b502f3f5c5", /* Mbed TLS library/certs.c, ec 384 */
	"0ea7caf9dd07fd79fe22ceb5efbbd7d4445d231e92ee1bf3b2a022eaffb00495", /* OpenSSL apps/testrsa.h, rsa 1024 */
	"215fde895c12883e29036f5bd38c22467657f3cabbc77d7e9e328ab5f4ae39f2", /* GnuTLS lib/crypto-selftests-pk.c, ec 521 */
	"26b0f4b5b3b8ef8f54af9ca9cbef655501179e7337f2ac52f2eadcf953635999", /* Mbed TLS library/certs.c, ec 256 */
	"370346c0864770dac7a90774f75ac6de537f5f5b2c4b1bb1d12bf3c5f4f484ae", /* Mbed TLS library/certs.c, rsa 2048 */
	"4e4656b01870f564f160178a057c15806678c16c6c8fe7f6731501dfa07617a1", /* Linux 5.10 crypto/testmgr.h, rsa 4096 */
	"5a9214aa789ffe021992636dd17ca313f340948e604d4122735160f3d46688a0", /* GnuTLS lib/crypto-selftests-pk.c, rsa 2048 */
	"5bd7bad40971be901e68d9b97405c3a3e996adbede885869b270185ad499108e", /* GnuTLS lib/crypto-selftests-pk.c, ec 256 */
	"6452839ebf371b9a9a7585efd56a029440972fdbacd1ae077d403e4e92bcd4f3", /* Mbed TLS library/certs.c, ec 256 */
	"67b41cdcfec69306353dbf30afa3c0e06c38308ce0f61e35611cc7f2153080d5", /* Dovecot src/lib-ssl-iostream/iostream-ssl-test.c, rsa 2048 */
	"6703a04285f61bf2f79b143b1841435d503b448c3df1db998e9aebc7f05d3815", /* Mbed TLS library/certs.c, rsa 2048 */
	"6e1900f654edb2e599930c8a287c7263ea170f010826630893227e7cec221586", /* GnuTLS lib/crypto-selftests-pk.c, ec 384 */
	"7055066ee3969c25d66c1b891c252e83db653ae6834cd60e49250a4af73a97fe", /* OpenSSL apps/testrsa.h, rsa 512 */
	"965237ca6ba836733f2b6436d66516dc01ef2d58825d3b4aa6b9061a76c7a9ce", /* GnuTLS lib/crypto-selftests-pk.c, ec 224 */
	"a6fdc2c6d07aa877e3ac360c2ce5efb69ab7dce2fd8df3c1bce0564b17114bc2", /* OpenSSL apps/testrsa.h, rsa 2048 */
	"adadc3246bb4830551c6da143d7462727967bda53059ae6f152323b0aba69595", /* OpenSSL apps/testrsa.h, rsa 4096 */
	"b6362349fb07b79f2f91889f6afac92b637787e246221087169ff7dbcd65dc98", /* Linux crypto/testmgr.h, rsa 2048 */
	"c305f632b9f12913e548002d5e48435fccfb7a54f4e6f2255c055d9b99794b69", /* GnuTLS lib/crypto-selftests-pk.c, ec 192 */
	"c6cb6d1e322b2e4edc98a284f983a8be89a18a53db897b7ec32f9aa382c50a5c", /* Mbed TLS library/certs.c, rsa 2048 */
	"cebf59a465ccd9c42a7f7f6a789cc741d43cacbc502587ed1c5f0f4e445f1c39", /* OpenSSL apps/testrsa.h, rsa 15360 */
	"d2d8c7d1de1e118e810c15eb7f8d9560a433e15cd55eac52aade81d6669cf133", /* OpenSSL apps/testrsa.h, rsa 7680 */
	"dd0701715ac41b7b96a2c8fe7a762b0ee05215f4f21c44d9458f1d2e2d57427d", /* GnuTLS lib/crypto-selftests-pk.c, dsa 2048 */
	"e756a60b85ec3f538a2708550ddc4f072ad045696172efd285c09a46c90accfe", /* Linux crypto/testmgr.h, rsa 2048 */
};

bool keys_is_self_test(const char *fingerprint)
{
	for (size_t i = 0; i < sizeof self_tests / sizeof *self_tests; i++)
		if (strcmp(self_tests[i], fingerprint) == 0)
			return true;
	return false;
}
