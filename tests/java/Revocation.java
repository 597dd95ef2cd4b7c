import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertPath;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateRevokedException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.Extension;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Validates chains with Java's own PKIX provider, which fetches CRLs and OCSP responses by the addresses
 * in the certificates.
 *
 * A line of input is a question, its parts between tabs: a mode, the anchor's file, and the chain's
 * files, the end entity first. A line of output is its answer: "good", "revoked REASON SECONDS
 * INVALIDITY-SECONDS", or "refused REASON MESSAGE".
 */
public final class Revocation {
    private static final CertificateFactory FACTORY = factory();

    public static void main(String[] arguments) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] parts = line.split("\t");
            List<X509Certificate> chain = new ArrayList<>();
            for (int part = 2; part < parts.length; part++) {
                chain.add(read(parts[part]));
            }
            String answer;
            try {
                ask(parts[0], read(parts[1]), chain);
                answer = "good";
            } catch (CertPathValidatorException error) {
                answer = describe(error);
            } catch (CertPathBuilderException error) {
                answer = describe(error);
            }
            System.out.println(answer.replace('\n', ' '));
        }
    }

    private static void ask(String mode, X509Certificate root, List<X509Certificate> chain)
            throws Exception {
        var anchors = Set.of(new TrustAnchor(root, null));
        switch (mode) {
            case "legacy-nothing" -> validate(chain, legacy(anchors, false, false));
            case "legacy-crls" -> validate(chain, legacy(anchors, true, false));
            case "legacy-ocsp" -> validate(chain, legacy(anchors, true, true));
            case "crls-only" -> validate(chain, with(anchors, null, Option.PREFER_CRLS, Option.NO_FALLBACK));
            case "crls-first" -> validate(chain, with(anchors, null, Option.PREFER_CRLS));
            case "ocsp-first" -> validate(chain, with(anchors, null));
            case "ocsp-only" -> validate(chain, with(anchors, null, Option.NO_FALLBACK));
            case "ocsp-of-end-entity" ->
                validate(chain, with(anchors, null, Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
            case "ocsp-nonce" ->
                validate(chain, with(anchors, nonce(), Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
            case "build" -> build(anchors, chain);
            default -> throw new IllegalArgumentException(mode);
        }
    }

    /** As programs do that know of nothing but properties. */
    private static PKIXParameters legacy(Set<TrustAnchor> anchors, boolean crls, boolean ocsp)
            throws Exception {
        System.setProperty("com.sun.security.enableCRLDP", Boolean.toString(crls));
        Security.setProperty("ocsp.enable", Boolean.toString(ocsp));
        var parameters = new PKIXParameters(anchors);
        parameters.setRevocationEnabled(true);
        return parameters;
    }

    private static PKIXParameters with(Set<TrustAnchor> anchors, Extension extension, Option... options)
            throws Exception {
        var parameters = new PKIXParameters(anchors);
        parameters.addCertPathChecker(checker(extension, options));
        return parameters;
    }

    private static PKIXRevocationChecker checker(Extension extension, Option... options)
            throws Exception {
        var checker = (PKIXRevocationChecker) CertPathValidator.getInstance("PKIX").getRevocationChecker();
        var set = EnumSet.noneOf(Option.class);
        set.addAll(List.of(options));
        checker.setOptions(set);
        if (extension != null) {
            checker.setOcspExtensions(List.of(extension));
        }
        return checker;
    }

    private static void validate(List<X509Certificate> chain, PKIXParameters parameters)
            throws Exception {
        CertPath path = FACTORY.generateCertPath(chain);
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    /** Finds the CA certificates by itself: those given, and those that caIssuers names. */
    private static void build(Set<TrustAnchor> anchors, List<X509Certificate> chain) throws Exception {
        var target = new X509CertSelector();
        target.setCertificate(chain.get(0));
        var parameters = new PKIXBuilderParameters(anchors, target);
        parameters.addCertStore(
            CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        parameters.addCertPathChecker(checker(null));
        CertPathBuilder.getInstance("PKIX").build(parameters);
    }

    /** RFC 9654: an OCTET STRING of 32 octets in the extension's value. */
    private static Extension nonce() throws Exception {
        byte[] value = new byte[34];
        new SecureRandom().nextBytes(value);
        value[0] = 0x04;
        value[1] = 32;
        return new Nonce(value);
    }

    /** id-pkix-ocsp-nonce with a value. */
    private record Nonce(byte[] value) implements Extension {
        private static final byte[] OID =
            {0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};

        @Override
        public String getId() {
            return "1.3.6.1.5.5.7.48.1.2";
        }

        @Override
        public boolean isCritical() {
            return false;
        }

        @Override
        public byte[] getValue() {
            return value.clone();
        }

        @Override
        public void encode(OutputStream out) throws IOException {
            out.write(new byte[] {0x30, (byte) (OID.length + 2 + value.length)});
            out.write(OID);
            out.write(new byte[] {0x04, (byte) value.length});
            out.write(value);
        }
    }

    private static String describe(Exception error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateRevokedException revoked) {
                var invalidity = revoked.getInvalidityDate();
                return "revoked " + revoked.getRevocationReason()
                    + " " + revoked.getRevocationDate().getTime() / 1000
                    + " " + (invalidity == null ? "-" : invalidity.getTime() / 1000);
            }
        }
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathValidatorException refused
                    && refused.getReason() != BasicReason.UNSPECIFIED) {
                return "refused " + refused.getReason() + " " + refused.getMessage();
            }
        }
        return "refused - " + error;
    }

    private static X509Certificate read(String file) throws Exception {
        try (InputStream input = Files.newInputStream(Path.of(file))) {
            return (X509Certificate) FACTORY.generateCertificate(input);
        }
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (java.security.cert.CertificateException error) {
            throw new IllegalStateException(error);
        }
    }
}
