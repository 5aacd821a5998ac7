import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** BouncyCastle as a peer: one command a line on stdin, words NAME=VALUE; one line back, "ok" or
 * "error" with what BouncyCastle said. Keys are NAME.p8 (PKCS#8, DER), certificates NAME.der. */
public final class BouncyCastle {
    private static final String PROVIDER = "BC";
    private final Map<String, String> words;

    private BouncyCastle(Map<String, String> words) {
        this.words = words;
    }

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(answer(line));
            System.out.flush();
        }
    }

    private static String answer(String line) {
        try {
            Map<String, String> words = new HashMap<>();
            for (String word : line.trim().split(" ")) {
                int at = word.indexOf('=');
                words.put(word.substring(0, at), word.substring(at + 1));
            }
            new BouncyCastle(words).run();
            return "ok";
        } catch (Exception | LinkageError problem) {
            StringBuilder text = new StringBuilder("error");
            for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
                text.append(' ').append(cause.toString().replace('\n', ' '));
            }
            return text.toString();
        }
    }

    private void run() throws Exception {
        switch (word("verb")) {
            case "sign": sign(); break;
            case "verify": verify(); break;
            case "encrypt": encrypt(); break;
            case "decrypt": decrypt(); break;
            case "compress": write(new CMSCompressedDataGenerator()
                .generate(data(), new org.bouncycastle.cms.jcajce.ZlibCompressor()).getEncoded()); break;
            case "expand": write(new CMSCompressedData(read("in"))
                .getContent(new org.bouncycastle.cms.jcajce.ZlibExpanderProvider())); break;
            default: throw new IllegalArgumentException("no such verb");
        }
    }

    private String word(String name) {
        return words.get(name);
    }

    private String word(String name, String otherwise) {
        return words.getOrDefault(name, otherwise);
    }

    private byte[] read(String name) throws Exception {
        return Files.readAllBytes(Path.of(word(name)));
    }

    private void write(byte[] bytes) throws Exception {
        Files.write(Path.of(word("out")), bytes);
    }

    private CMSTypedData data() throws Exception {
        return new CMSProcessableByteArray(read("in"));
    }

    private X509Certificate certificate(String name) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
            .generateCertificate(Files.newInputStream(Path.of(word(name) + ".der")));
    }

    private PrivateKey key(String name) throws Exception {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of(word(name) + ".p8")));
        return KeyFactory.getInstance(word("kind"), PROVIDER).generatePrivate(spec);
    }

    // signing

    private ContentSigner signer() throws Exception {
        JcaContentSignerBuilder builder = word("salt") == null
            ? new JcaContentSignerBuilder(word("algorithm"))
            : new JcaContentSignerBuilder("RSAPSS", new java.security.spec.PSSParameterSpec(
                digestName(word("digest")), "MGF1", new MGF1ParameterSpec(digestName(word("digest"))),
                Integer.parseInt(word("salt")), 1));
        return builder.setProvider(PROVIDER).build(key("who"));
    }

    private static String digestName(String name) {
        return "SHA-" + name.substring(3);
    }

    private void sign() throws Exception {
        X509Certificate own = certificate("who");
        JcaSignerInfoGeneratorBuilder builder = new JcaSignerInfoGeneratorBuilder(
            new JcaDigestCalculatorProviderBuilder().setProvider(PROVIDER).build());
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(builder.setDirectSignature(word("direct") != null).build(signer(), own));
        generator.addCertificates(new JcaCertStore(List.of(own, certificate("issuer"))));
        write(generator.generate(data(), word("detached") == null).getEncoded());
    }

    private void verify() throws Exception {
        CMSSignedData signed = word("content") == null ? new CMSSignedData(read("in"))
            : new CMSSignedData(new CMSProcessableByteArray(read("content")), read("in"));
        Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
        for (SignerInformation signer : signers) {
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER)
                .build(certificate("who")))) {
                throw new CMSException("the signature is wrong");
            }
        }
        if (signers.isEmpty()) {
            throw new CMSException("nobody has signed");
        }
        if (word("out") != null) {
            write((byte[]) signed.getSignedContent().getContent());
        }
    }

    // encrypting

    private RecipientInfoGenerator recipient() throws Exception {
        switch (word("type")) {
            case "ktri": return new JceKeyTransRecipientInfoGenerator(certificate("who")).setProvider(PROVIDER);
            case "oaep": return new JceKeyTransRecipientInfoGenerator(certificate("who"),
                new JcaAlgorithmParametersConverter().getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP,
                    new OAEPParameterSpec(digestName(word("hash")), "MGF1",
                        new MGF1ParameterSpec(digestName(word("mgf"))),
                        word("label") == null ? PSource.PSpecified.DEFAULT
                            : new PSource.PSpecified(word("label").getBytes(StandardCharsets.UTF_8)))))
                .setProvider(PROVIDER);
            case "kari": return agreement();
            case "kek": return new JceKEKRecipientInfoGenerator(word("id").getBytes(StandardCharsets.UTF_8),
                new SecretKeySpec(read("secret"), "AES")).setProvider(PROVIDER);
            case "pwri": return new JcePasswordRecipientInfoGenerator(new ASN1ObjectIdentifier(word("wrap")),
                word("password").toCharArray()).setProvider(PROVIDER)
                .setPasswordConversionScheme(PasswordRecipient.PKCS5_SCHEME2_UTF8)
                .setPRF(PasswordRecipient.PRF.HMacSHA256).setSaltAndIterationCount(new byte[16], 10000);
            default: throw new IllegalArgumentException("no such type");
        }
    }

    private RecipientInfoGenerator agreement() throws Exception {
        java.security.PublicKey theirs = certificate("who").getPublicKey();
        java.security.KeyPairGenerator pairs = java.security.KeyPairGenerator.getInstance(word("kind"), PROVIDER);
        if (theirs instanceof java.security.interfaces.ECPublicKey) {
            if (word("explicit") != null) {
                pairs.initialize(((java.security.interfaces.ECPublicKey) theirs).getParams(), new SecureRandom());
            } else {
                pairs.initialize(new java.security.spec.ECGenParameterSpec(word("curve")), new SecureRandom());
            }
        }
        java.security.KeyPair pair = pairs.generateKeyPair();
        JceKeyAgreeRecipientInfoGenerator generator = new JceKeyAgreeRecipientInfoGenerator(
            new ASN1ObjectIdentifier(word("scheme")), pair.getPrivate(), pair.getPublic(),
            new ASN1ObjectIdentifier(word("wrap")));
        if (word("ukm") != null) {
            generator.setUserKeyingMaterial(word("ukm").getBytes(StandardCharsets.UTF_8));
        }
        return generator.addRecipient(certificate("who")).setProvider(PROVIDER);
    }

    private void encrypt() throws Exception {
        JceCMSContentEncryptorBuilder builder = word("bits") == null
            ? new JceCMSContentEncryptorBuilder(new ASN1ObjectIdentifier(word("cipher")))
            : new JceCMSContentEncryptorBuilder(new ASN1ObjectIdentifier(word("cipher")),
                Integer.parseInt(word("bits")));
        builder.setProvider(PROVIDER);
        if (word("tag") != null) {
            byte[] nonce = new byte[12];
            new SecureRandom().nextBytes(nonce);
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM", PROVIDER);
            parameters.init(new GCMParameterSpec(8 * Integer.parseInt(word("tag")), nonce));
            builder.setAlgorithmParameters(parameters);
        }
        OutputEncryptor encryptor = builder.build();
        if (word("authenticated") == null) {
            CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
            generator.addRecipientInfoGenerator(recipient());
            write(generator.generate(data(), encryptor).getEncoded());
            return;
        }
        CMSAuthEnvelopedDataGenerator generator = new CMSAuthEnvelopedDataGenerator();
        if (word("attributes") != null) {
            ASN1EncodableVector attributes = new ASN1EncodableVector();
            attributes.add(new Attribute(new ASN1ObjectIdentifier("1.2.840.113549.1.9.3"),
                new DERSet(PKCSObjectIdentifiers.data)));
            attributes.add(new Attribute(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"),
                new DERSet(new DEROctetString(new byte[] {1, 2, 3}))));
            generator.setAuthenticatedAttributeGenerator(
                new SimpleAttributeTableGenerator(new AttributeTable(attributes)));
        }
        generator.addRecipientInfoGenerator(recipient());
        write(generator.generate(data(), (OutputAEADEncryptor) encryptor).getEncoded());
    }

    private Recipient opener() throws Exception {
        switch (word("type")) {
            case "ktri":
            case "oaep": return new JceKeyTransEnvelopedRecipient(key("who")).setProvider(PROVIDER);
            case "kari": return new JceKeyAgreeEnvelopedRecipient(key("who")).setProvider(PROVIDER);
            case "kek": return new JceKEKEnvelopedRecipient(new SecretKeySpec(read("secret"), "AES"))
                .setProvider(PROVIDER);
            case "pwri": return new JcePasswordEnvelopedRecipient(word("password").toCharArray())
                .setProvider(PROVIDER).setPasswordConversionScheme(PasswordRecipient.PKCS5_SCHEME2_UTF8);
            default: throw new IllegalArgumentException("no such type");
        }
    }

    private Recipient authenticatedOpener() throws Exception {
        switch (word("type")) {
            case "ktri":
            case "oaep": return new JceKeyTransAuthEnvelopedRecipient(key("who")).setProvider(PROVIDER);
            case "kari": return new JceKeyAgreeEnvelopedRecipient(key("who")).setProvider(PROVIDER);
            default: throw new IllegalArgumentException("no such type");
        }
    }

    private void decrypt() throws Exception {
        boolean authenticated = word("authenticated") != null;
        RecipientInformationStore recipients = authenticated
            ? new CMSAuthEnvelopedData(read("in")).getRecipientInfos()
            : new CMSEnvelopedData(read("in")).getRecipientInfos();
        Iterator<RecipientInformation> all = recipients.getRecipients().iterator();
        if (!all.hasNext()) {
            throw new CMSException("no recipients");
        }
        write(all.next().getContent(authenticated ? authenticatedOpener() : opener()));
    }
}
