import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LatLonPoint;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.geo.Polygon;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.MatchingQueries;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultiMatchingQueries;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.queries.spans.SpanNearQuery;
import org.apache.lucene.queries.spans.SpanOrQuery;
import org.apache.lucene.queries.spans.SpanQuery;
import org.apache.lucene.queries.spans.SpanTermQuery;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/** Lucene Monitor fed with the benchmark's queries and posts: CPU time of the matching thread, and the pairs found. */
public final class LuceneRival {
    private static final int GAP = 100;

    /** Usage: LuceneRival QUERIES WARM POSTS REPEATED BATCH PAIRS. Prints microseconds a post: singly, in batches. */
    public static void main(String[] args) throws IOException {
        Analyzer analyzer = new Analyzer(Analyzer.PER_FIELD_REUSE_STRATEGY) {
            @Override
            protected TokenStreamComponents createComponents(String field) {
                return new TokenStreamComponents(new org.apache.lucene.analysis.core.WhitespaceTokenizer());
            }

            @Override
            public int getPositionIncrementGap(String field) {
                return GAP;
            }
        };
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        List<Map<String, Object>> warm = lines(args[1]);
        List<Map<String, Object>> posts = lines(args[2]);
        int repeated = Integer.parseInt(args[3]);
        int batch = Integer.parseInt(args[4]);
        try (Monitor monitor = new Monitor(analyzer)) {
            long start = clock.getCurrentThreadCpuTime();
            List<MonitorQuery> queries = new ArrayList<>();
            for (Map<String, Object> one : lines(args[0])) {
                queries.add(new MonitorQuery((String) one.get("id"), query(one.get("query"))));
            }
            monitor.register(queries);
            System.out.printf("loaded %.1f%n", (clock.getCurrentThreadCpuTime() - start) / 1e3 / queries.size());
            for (Map<String, Object> post : warm) {
                monitor.match(document(post), QueryMatch.SIMPLE_MATCHER);
            }
            many(monitor, warm, batch);
            double single = Double.MAX_VALUE;
            double batched = Double.MAX_VALUE;
            for (int round = 0; round < repeated; round++) {
                start = clock.getCurrentThreadCpuTime();
                for (Map<String, Object> post : posts) {
                    monitor.match(document(post), QueryMatch.SIMPLE_MATCHER);
                }
                single = Math.min(single, (clock.getCurrentThreadCpuTime() - start) / 1e3 / posts.size());
                start = clock.getCurrentThreadCpuTime();
                many(monitor, posts, batch);
                batched = Math.min(batched, (clock.getCurrentThreadCpuTime() - start) / 1e3 / posts.size());
            }
            System.out.printf("single %.1f%nbatch %.1f%n", single, batched);
            try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[5]), StandardCharsets.UTF_8)) {
                for (int at = 0; at < posts.size(); at++) {
                    MatchingQueries<QueryMatch> found =
                            monitor.match(document(posts.get(at)), QueryMatch.SIMPLE_MATCHER);
                    for (QueryMatch match : found.getMatches()) {
                        out.write(at + " " + match.getQueryId() + "\n");
                    }
                }
            }
        }
    }

    private static void many(Monitor monitor, List<Map<String, Object>> posts, int batch) throws IOException {
        for (int from = 0; from < posts.size(); from += batch) {
            List<Map<String, Object>> some = posts.subList(from, Math.min(posts.size(), from + batch));
            Document[] documents = some.stream().map(LuceneRival::document).toArray(Document[]::new);
            MultiMatchingQueries<QueryMatch> found = monitor.match(documents, QueryMatch.SIMPLE_MATCHER);
            if (found.getBatchSize() != documents.length) {
                throw new IllegalStateException("a batch came back in another size");
            }
        }
    }

    private static List<Map<String, Object>> lines(String path) throws IOException {
        List<Map<String, Object>> found = new ArrayList<>();
        try (BufferedReader in = Files.newBufferedReader(Path.of(path), StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                found.add(PlainJson.object(line));
            }
        }
        return found;
    }

    @SuppressWarnings("unchecked")
    private static Document document(Map<String, Object> post) {
        Document document = new Document();
        for (String field : List.of("lemma", "surface")) {
            for (Object sentence : (List<Object>) post.get(field)) {
                document.add(new TextField(field, (String) sentence, Field.Store.NO));
            }
        }
        for (String field : List.of("street", "house", "district")) {
            for (Object term : (List<Object>) post.get(field)) {
                document.add(new StringField(field, (String) term, Field.Store.NO));
            }
        }
        for (Object point : (List<Object>) post.get("points")) {
            List<Object> pair = (List<Object>) point;
            document.add(new LatLonPoint("point", (Double) pair.get(0), (Double) pair.get(1)));
        }
        return document;
    }

    @SuppressWarnings("unchecked")
    private static Query query(Object given) {
        Map.Entry<String, Object> node = ((Map<String, Object>) given).entrySet().iterator().next();
        return switch (node.getKey()) {
            case "any_of" -> anyOf((List<Object>) node.getValue());
            case "prefix" -> new PrefixQuery(new Term("surface", (String) node.getValue()));
            case "near" -> near((Map<String, Object>) node.getValue());
            case "all" -> all((List<Object>) node.getValue());
            case "any" -> any((List<Object>) node.getValue());
            case "distance" -> distance((List<Object>) node.getValue());
            case "polygon" -> polygons((Map<String, Object>) node.getValue());
            default -> throw new IllegalArgumentException(node.getKey());
        };
    }

    @SuppressWarnings("unchecked")
    private static Query anyOf(List<Object> given) {
        String field = (String) given.get(0);
        List<Object> terms = (List<Object>) given.get(1);
        if (terms.size() == 1) {
            return new TermQuery(new Term(field, (String) terms.get(0)));
        }
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        terms.forEach(term -> builder.add(new TermQuery(new Term(field, (String) term)), Occur.SHOULD));
        return builder.build();
    }

    @SuppressWarnings("unchecked")
    private static Query near(Map<String, Object> given) {
        List<SpanQuery> slots = new ArrayList<>();
        for (Object slot : (List<Object>) given.get("slots")) {
            SpanQuery[] words = ((List<Object>) slot)
                    .stream().map(word -> new SpanTermQuery(new Term("lemma", (String) word))).toArray(SpanQuery[]::new);
            slots.add(words.length == 1 ? words[0] : new SpanOrQuery(words));
        }
        int distance = ((Double) given.get("distance")).intValue();
        return new SpanNearQuery(slots.toArray(SpanQuery[]::new), distance, (Boolean) given.get("ordered"));
    }

    @SuppressWarnings("unchecked")
    private static Query all(List<Object> parts) {
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        for (Object part : parts) {
            Object not = ((Map<String, Object>) part).get("not");
            builder.add(query(not == null ? part : not), not == null ? Occur.MUST : Occur.MUST_NOT);
        }
        return builder.build();
    }

    private static Query any(List<Object> parts) {
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        parts.forEach(part -> builder.add(query(part), Occur.SHOULD));
        return builder.build();
    }

    private static Query distance(List<Object> given) {
        return LatLonPoint.newDistanceQuery(
                "point", (Double) given.get(0), (Double) given.get(1), (Double) given.get(2));
    }

    /** A Polygon or MultiPolygon of GeoJSON: rings of (longitude, latitude), the first of each the border, then holes. */
    @SuppressWarnings("unchecked")
    private static Query polygons(Map<String, Object> shape) {
        List<Object> parts = (List<Object>) shape.get("coordinates");
        if (shape.get("type").equals("Polygon")) {
            parts = List.of(parts);
        }
        Polygon[] found = parts.stream().map(part -> {
            List<Object> rings = (List<Object>) part;
            Polygon[] holes = rings.subList(1, rings.size()).stream().map(LuceneRival::ring).toArray(Polygon[]::new);
            return new Polygon(degrees(rings.get(0), 1), degrees(rings.get(0), 0), holes);
        }).toArray(Polygon[]::new);
        return LatLonPoint.newPolygonQuery("point", found);
    }

    private static Polygon ring(Object given) {
        return new Polygon(degrees(given, 1), degrees(given, 0));
    }

    @SuppressWarnings("unchecked")
    private static double[] degrees(Object ring, int axis) {
        return ((List<Object>) ring).stream().mapToDouble(pair -> ((List<Double>) pair).get(axis)).toArray();
    }
}
