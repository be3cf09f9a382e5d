/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and signatures that GnuPG 2.2 of Debian made: gpg --quick-generate-key, --armor --export with export-minimal,
 * --clear-sign with SHA-512, --detach-sign with SHA-256 (hexadecimal). The keys were thrown away. */
#ifndef ASSAY_TESTS_OPENPGP_VECTORS_H
#define ASSAY_TESTS_OPENPGP_VECTORS_H

static const char rsa_key[] =
	"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
	"\n"
	"mQENBGsH/qEBCACc6vVdpaAazGppk9kFsvoSRSQWrDIPWTlfnRah32yLSWozhDbn\n"
	"FwYds6dpT8uKa+KxF43vidTwp7jZomDpoGcG8r1IdnUTgwMQFy3IYGWmcIPNJrZQ\n"
	"xe89jBYeLsStA7QrcjodvL91ei8cqte4TcbB1suZJn6r1WlIZp2kuf1tfzD+U86n\n"
	"A2xahph6XLdAEgz0LpFbZAjBG5ZBYmjxIygaL3Ix8SCYG1R3nwLw78Ja96BdO47s\n"
	"62EIIDzXi7z+Tq9Z3w+Kr3010wC6lRszz7p50rwdJmHXKXWX1KWyw/6oZNW8zoAb\n"
	"0Vf3jm7ZHLpjs5NXDRvoOYqaIIlAjOMf7VwbABEBAAG0CXJzYSA8ckB4PokBTgQT\n"
	"AQoAOBYhBCAwt81hUgyntFAXOxFiBftaSiQgBQJrB/6hAhsDBQsJCAcCBhUKCQgL\n"
	"AgQWAgMBAh4BAheAAAoJEBFiBftaSiQgvbkH/1cw6Rkkce+hCqx7NWFL2ke1iKzX\n"
	"+oGlX0cqjIMU/+RYqxqpPug6g5BB9vu6rABcuWs0mBjiRw8Q4GR655y2/cq+2qi2\n"
	"uA2Gfpb/Vn5+HkydPTEFJoEsBiVr9NuU1muxmbVLgNbrh8aNgOWUlV4S8d7ydxVS\n"
	"Dt9ggMi0f/kX9KuXA0EmslmZ1w6Z/pyoyxqgdLYoXhSjlGJftcU7ROZrKjTopRP1\n"
	"e8+jrswkK69PyNJQXqe7lf2RNPqfcu9vT9R9T16ucqU6dt2JFHiNeefZucu9yI3V\n"
	"D0rYHtynZk+2AIpp5gYiKZ2Xv/iWHP6hZy3g9WZ8eyLIN/16pUKdXEF7w5w=\n"
	"=T79H\n"
	"-----END PGP PUBLIC KEY BLOCK-----\n";

static const char rsa_text[] =
	"-----BEGIN PGP SIGNED MESSAGE-----\n"
	"Hash: SHA512\n"
	"\n"
	"Package: base\n"
	"Version: 1  \n"
	"- - dashed\n"
	"\n"
	"- From line\n"
	"-----BEGIN PGP SIGNATURE-----\n"
	"\n"
	"iQE4BAEBCgAiFiEEIDC3zWFSDKe0UBc7EWIF+1pKJCAFAmsH/qIEHHJAeAAKCRAR\n"
	"YgX7WkokIJvdB/95veNMmBBe5B+wDc3YcA/86W23EmqF/0Zmax6jAC42gvYHChYl\n"
	"yHxLUm1h+YdiiWKRTHZRZuPZA1Lp5YICxeO0oKYjjr1WFBcBsUkLYzP4jTARuTg3\n"
	"5xe8S2D/sa8QAOgwDBVYT5zHvw5KLYkSVnaEFES3CbDt1SV4g1gU8hyLmF4qV4kE\n"
	"M16z3todSVkZlGcJkL4HdZffqxZ2O/VfSsHUqmkbkpZj0uJDLKzwe79iuuTs2M29\n"
	"/pgTZsYZx699kam5a9PKzxjG3io+/uQzr6Rv+8MTBvK4wpg6QlyB9vvOIq3vGihy\n"
	"H3Tg6GJCFfKSnw2talmMz5qJowtQ4+tFucD8\n"
	"=IsjJ\n"
	"-----END PGP SIGNATURE-----\n";

static const char rsa_detached[] =
	"8901380400010800221621042030b7cd61520ca7b450173b116205fb5a4a242005026b07fea2041c724078000a0910116205"
	"fb5a4a2420273707ff4013b364292787b9529fac1337162966567bb0ef7217a2120bb07665ae096e74eb10ac4cc75362a4f7"
	"792adeaea80645f5bf05bf5b02cff2c3c38c27e85afce63a89a246dd05da8abf564359d9ff10d5fc84833910e0b5d7ad00d1"
	"566ca53fe083436eabb5425e74aae8f1bd468b11ff420171656cb418ae572da1f27fc5f2ff14d579387b8a593c0ba9b03697"
	"f7ac878af64938b19a044485c8dba4e68faf5dc5cad9d474e1938a0c64570570c45edf6dc9da04ca7d7a417f87d25e6651ee"
	"6c851e8c541c9d0417c5e1a563f447c826c803ff0cfc13353c28f61f5903db1a6f01ba56cf3d369158e3387497e508595bc5"
	"169323ddd564d4fc483e79fc358881";

static const char ed25519_key[] =
	"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
	"\n"
	"mDMEawf+ohYJKwYBBAHaRw8BAQdARO6mcwK4a4IWHe6SVlmLaxCgd2QWEir/XEj8\n"
	"rIPRRFO0CGVkIDxlQHg+iJAEExYIADgWIQS/TzQQTyE/1KdsUZfWqDV3RwKE1wUC\n"
	"awf+ogIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRDWqDV3RwKE18gjAP9n\n"
	"xuRcSacS2FPJsjKGA2WIUQQTxRVpEC35q//xeZVUswD+L/AaBZkZVLd95Ds0nFWg\n"
	"McTD+o/eXSqJ5FWPWG1sAAo=\n"
	"=0aet\n"
	"-----END PGP PUBLIC KEY BLOCK-----\n";

static const char ed25519_text[] =
	"-----BEGIN PGP SIGNED MESSAGE-----\n"
	"Hash: SHA512\n"
	"\n"
	"Package: base\n"
	"Version: 1  \n"
	"- - dashed\n"
	"\n"
	"- From line\n"
	"-----BEGIN PGP SIGNATURE-----\n"
	"\n"
	"iHkEARYKACIWIQS/TzQQTyE/1KdsUZfWqDV3RwKE1wUCawf+ogQcZUB4AAoJENao\n"
	"NXdHAoTXzrcBAOiV4Xy4HG2Dud3jHUWnqIGWD7F04mMt+MK9QKMHwrVVAPjyCoFW\n"
	"YF3PCM/DE98jMzS1mBz4bcHwNXkYt42F4C4G\n"
	"=zxdi\n"
	"-----END PGP SIGNATURE-----\n";

static const char ed25519_detached[] =
	"887a040016080022162104bf4f34104f213fd4a76c5197d6a83577470284d705026b07fea2041c654078000a0910d6a83577"
	"470284d70af900ff5f1ca7ec50b9793ebaa061560ec531106af8c3668978103d41b79f3d0a9e3af1010094fbf8e7b12f4f0f"
	"6305bf495e1f35ddc3e510f37e533c2b68143305680fdc07";

static const char p256_key[] =
	"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
	"\n"
	"mFIEawf+ohMIKoZIzj0DAQcCAwTqnWEVxRqhdGIq58XLQtL1HsUKc8mdJ6mZ1uad\n"
	"M80HinMe9V9MV5n6A+VYkLIuh6Ik4tDUnVgiGmaH1YtR9e5BtAhlYyA8Y0B4PoiQ\n"
	"BBMTCAA4FiEETHcfiITiZmGyxriofXkqC1cTCdkFAmsH/qICGwMFCwkIBwIGFQoJ\n"
	"CAsCBBYCAwECHgECF4AACgkQfXkqC1cTCdmgPAD+KRxJSdddXV0Gd5F0ssrLVAGh\n"
	"X5SNaHxYf0858h7OzMgA/0SsKA9sw/5FqAmL/XL4RLR1S8uDb+Y6ROkrBBqg+y5d\n"
	"=IxwM\n"
	"-----END PGP PUBLIC KEY BLOCK-----\n";

static const char p256_text[] =
	"-----BEGIN PGP SIGNED MESSAGE-----\n"
	"Hash: SHA512\n"
	"\n"
	"Package: base\n"
	"Version: 1  \n"
	"- - dashed\n"
	"\n"
	"- From line\n"
	"-----BEGIN PGP SIGNATURE-----\n"
	"\n"
	"iHoEARMKACIWIQRMdx+IhOJmYbLGuKh9eSoLVxMJ2QUCawf+ogQcY0B4AAoJEH15\n"
	"KgtXEwnZv1IA/jFzOA15MZ78V8R0Ncb1vPAnEzQRI+6k6DQUzYr0SFcpAQD/vAE2\n"
	"D5zPNrCy2jjJhg+74CkwksevkddquG4AcHA/mw==\n"
	"=ZRPT\n"
	"-----END PGP SIGNATURE-----\n";

static const char p256_detached[] =
	"887a0400130800221621044c771f8884e26661b2c6b8a87d792a0b571309d905026b07fea2041c634078000a09107d792a0b"
	"571309d9a0c20100c2108377e1ea6ca80880c30917029b10a18c41359ca6236c37a2525aa63c29aa00ff60b8feac8da18fd4"
	"fd39018cca564b4ee31539e0ac1e2962e2fac9f7ac64a01f";

#endif
